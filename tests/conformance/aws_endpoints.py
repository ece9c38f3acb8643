"""Every host that the program computes, against botocore's own rule sets.

usage: aws_endpoints.py PATH/TO/aws_read

Services x regions of every partition x FIPS x dual stack: the base URL and the region that is signed
for agree; where the rule sets have no host the program has none either.
"""

import itertools
import subprocess
import sys

from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError
from botocore.loaders import Loader

# botocore's name, the prefix of the program's table
SERVICES = {
    "dynamodb": "dynamodb",
    "dynamodbstreams": "streams.dynamodb",
    "events": "events",
    "batch": "batch",
    "logs": "logs",
    "sqs": "sqs",
    "sts": "sts",
    "iam": "iam",
    "ecr": "api.ecr",
    "cloudwatch": "monitoring",
    "sso": "portal.sso",
    "sso-oidc": "oidc",
}
# Regions that no partition lists: new ones, odd ones, DynamoDB Local's.
OTHERS = [
    "local",
    "mars-north-9",
    "eu-south-99",
    "mx-west-12",
    "us-gov-north-1",
    "cn-south-3",
    "cn-foo",
    "us-iso-x-2",
    "us-isob-x-2",
    "us-isof-y-3",
    "eu-isoe-z-4",
    "eusc-de-west-2",
    "eusc-fr-west-1",
    "us-isoc-east-1",
]


def main():
    loader = Loader()
    partitions = loader.load_data("partitions")
    regions = [r for p in partitions["partitions"] for r in p["regions"]] + OTHERS
    failed = 0
    for name, prefix in SERVICES.items():
        provider = EndpointProvider(loader.load_service_model(name, "endpoint-rule-set-1"), partitions)
        asked = list(itertools.product(regions, (False, True), (False, True)))
        lines = "".join(f"{prefix} {r} {str(f).lower()} {str(d).lower()}\n" for r, f, d in asked)
        told = subprocess.run([sys.argv[1], "endpoints"], input=lines, capture_output=True, text=True, check=True)
        wrong = []
        hosts = set()
        for (region, fips, dual), got in zip(asked, told.stdout.splitlines(), strict=True):
            params = {"Region": region, "UseFIPS": fips, "UseDualStack": dual}
            if name == "sts":
                params["UseGlobalEndpoint"] = False
            try:
                endpoint = provider.resolve_endpoint(**params)
                signed = (endpoint.properties.get("authSchemes") or [{}])[0].get("signingRegion", region)
                want = f"{endpoint.url} {signed}"
                hosts.add(endpoint.url)
            except EndpointProviderError:
                want = "error"
            if got != want and not (want == "error" and got.startswith("error ")):
                wrong.append(f"  {region} fips={fips} dual={dual}: want {want}, got {got}")
        if wrong:
            failed += 1
            print(f"not ok {name}: {len(wrong)} of {len(asked)} differ", *wrong[:20], sep="\n")
        else:
            print(f"ok {name}: {len(asked)} answers, {len(hosts)} hosts")
    return failed > 0


sys.exit(main())
