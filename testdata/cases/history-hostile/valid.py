"""Whether a document of converge is as its schema says."""
import json
import subprocess
import sys

try:
    from jsonschema import Draft7Validator
except ImportError:
    sys.exit(0)

with open(sys.argv[2], encoding="utf-8") as f:
    document = json.load(f)
schema = subprocess.run([sys.argv[1], "schema", document["format"]],
                        check=True, capture_output=True).stdout
for wrong in Draft7Validator(json.loads(schema)).iter_errors(document):
    print(list(wrong.path), wrong.message)
