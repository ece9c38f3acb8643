"""Lists what is inside the static program (CycloneDX 1.5), from the lock file.

usage: sbom.py VERSION ARCH LOCK PROGRAM
"""
import hashlib
import json
import os
import sys
import time
import uuid

ROLES = {"openssl": "Apache-2.0", "curl": "curl", "ncurses": "X11", "cjson": "MIT",
         "libinih": "BSD-3-Clause", "sqlite3": "blessing"}


def components(lock):
    """One for each source package, with the sums of its files; the compiler brings musl."""
    found = []
    for line in lock:
        words = line.split()
        if not words or words[0] == "#":
            continue
        if words[0] == "wheel":
            version = words[2].split("-")[1]
            found.append({"type": "library", "name": "musl", "licenses": [{"license": {"id": "MIT"}}],
                          "purl": f"pkg:pypi/ziglang@{version}",
                          "description": f"C library and compiler run time of ziglang {version}",
                          "hashes": [{"alg": "SHA-256", "content": words[1]}]})
        elif words[0] == "source":
            name, version = words[2], words[1]
            found.append({"type": "library", "name": name, "version": version,
                          "purl": f"pkg:deb/debian/{name}@{version}?arch=source",
                          "licenses": [{"license": {"id": ROLES[name]}}], "externalReferences": []})
        else:
            found[-1]["externalReferences"].append(
                {"type": "source-distribution", "url": words[2],
                 "hashes": [{"alg": "SHA-256", "content": words[1]}]})
    return found


def main():
    version, arch, lock, program = sys.argv[1:]
    with open(program, "rb") as f:
        digest = hashlib.sha256(f.read()).hexdigest()
    with open(lock, encoding="utf-8") as f:
        inside = components(f)
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"])))
    json.dump({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
               "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}",
               "metadata": {"timestamp": at,
                            "component": {"type": "application", "name": "mvpdash", "version": version,
                                          "properties": [{"name": "arch", "value": arch}],
                                          "hashes": [{"alg": "SHA-256", "content": digest}]}},
               "components": inside}, sys.stdout, indent=1)
    print()


main()
