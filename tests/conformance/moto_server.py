"""moto as a server whose Step Functions run: moto_server.py PORT

A machine of forty states is parsed anew for each run, and each of its paths by a parser that is made anew:
seconds, for the same result each time. Both results are kept here; what runs them is moto's, unchanged.
"""

import functools
import sys

from moto.core.config import default_user_config
from moto.server import main
from moto.stepfunctions.parser.asl.parse import asl_parser
from moto.stepfunctions.parser.asl.utils import json_path

asl_parser.AmazonStateLanguageParser.parse = staticmethod(functools.lru_cache(asl_parser.AmazonStateLanguageParser.parse))
json_path.parse = functools.lru_cache(maxsize=None)(json_path.parse)
default_user_config["stepfunctions"] = {"execute_state_machine": True}
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
