"""Many clients at once: load.py URL CLIENTS SECONDS PATH. Each asks again and again on a kept
connection; one that the server closed is opened anew. Prints {"STATUS": count, ...} of the answers;
"none" counts connections that ended in the middle of an answer."""
import collections
import http.client
import json
import sys
import threading
import time

url, clients, seconds, path = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
host = url.split("//")[1]
counts = collections.Counter()
lock = threading.Lock()
ends = time.monotonic() + seconds


def client():
    mine = collections.Counter()
    c = None
    while time.monotonic() < ends:
        try:
            if c is None:
                c = http.client.HTTPConnection(host, timeout=120)
            c.request("GET", path)
            r = c.getresponse()
            r.read()
            mine[str(r.status)] += 1
            if r.will_close:
                c.close()
                c = None
        except (http.client.RemoteDisconnected, ConnectionError, BrokenPipeError):
            c.close()
            c = None  # a kept connection that was closed meanwhile: no answer had begun
        except (OSError, http.client.HTTPException):
            mine["none"] += 1
            c.close()
            c = None
    with lock:
        counts.update(mine)


threads = [threading.Thread(target=client) for _ in range(clients)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(json.dumps(counts, sort_keys=True))
