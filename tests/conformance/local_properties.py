"""Properties of the local cloud, looked for with random requests, against moto and dynalite.

usage: local_properties.py PATH/TO/mvpdash [PATH/TO/dynalite's cli.js]
SEED=n another sequence (printed); PROPERTY_SECONDS=n how long each part looks (CI: 9). A case that fails prints its
request as JSON. Prints "ok" and "not ok" lines; exits 1 when any is "not ok".

Three kinds of properties:
- of the service itself, from the developer guide and API reference: they hold without any peer;
- what a peer refuses, the local cloud refuses too (peers check less than AWS, never more);
- where all accept, the results are equal; where peers differ, the local cloud is like one of them.
Where a peer and AWS differ, AWS's documentation wins: KNOWN names each such case with its source.
"""

import base64
import ipaddress
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError
from moto.events.models import EventPattern

MVPDASH = os.path.abspath(sys.argv[1])
DYNALITE = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2] else None
SEED = int(os.environ.get("SEED", "20261129"))
SECONDS = float(os.environ.get("PROPERTY_SECONDS", "9"))
SHOWN = 5  # failures of one property that are printed
rng = random.Random(SEED)
failures = 0
processes = []
KW = dict(region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
RAW = Config(parameter_validation=False, retries={"total_max_attempts": 1})


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"nothing listens on port {port}")


def start(argv, port, **more):
    processes.append(
        subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    )
    wait_for(port)
    return f"http://127.0.0.1:{port}"


def start_ours():
    home = tempfile.mkdtemp(prefix="mvpdash-properties-")
    env = {"PATH": os.environ["PATH"], "HOME": home, "LANG": "C.UTF-8"}
    p = subprocess.Popen(
        [MVPDASH, "local", "--listen", "127.0.0.1:0", "--data", home + "/cloud"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=env,
        text=True,
    )
    processes.append(p)
    got = {}
    while "AWS_DEFAULT_REGION" not in got:
        line = p.stdout.readline()
        if not line:
            sys.exit("the local cloud does not start")
        name, _, value = line.strip().removeprefix("export ").partition("=")
        got[name] = value
    return dict(
        region_name="us-east-1",
        endpoint_url=got["AWS_ENDPOINT_URL"],
        aws_access_key_id=got["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=got["AWS_SECRET_ACCESS_KEY"],
    )


class Peer:
    """A DynamoDB that is not ours. One that a request brings down is started again."""

    def __init__(self, name, begin):
        self.name, self.begin = name, begin
        self.start()

    def start(self):
        self.url = self.begin()
        self.client = boto3.client("dynamodb", config=RAW, endpoint_url=self.url, **KW)
        table(self.client)
        end = time.monotonic() + 120
        while self.client.describe_table(TableName="props")["Table"]["TableStatus"] != "ACTIVE":
            if time.monotonic() > end:
                sys.exit(f"a table of {self.name} does not become active")
            time.sleep(0.05)

    def __getattr__(self, op):
        def run(**params):
            try:
                return getattr(self.client, op)(**params)
            except (HTTPClientError, EndpointConnectionError):
                self.start()
                raise

        return run


class Property:
    """Counts cases; the first failures are printed with what repeats them."""

    def __init__(self, name):
        self.name, self.cases, self.bad = name, 0, 0
        rng.seed(f"{SEED} {name}")  # the same cases on a slow machine as on a fast one, only fewer

    def expect(self, good, case, why):
        self.cases += 1
        if not good:
            self.bad += 1
            if self.bad <= SHOWN:
                print(f"  {self.name}: {why}\n    {json.dumps(case, default=str)}")

    def close(self):
        global failures
        if self.bad or not self.cases:
            failures += 1
            print(f"not ok {self.name}: {self.bad} of {self.cases} cases (SEED={SEED})")
        else:
            print(f"ok {self.name}: {self.cases} cases")


def until(seconds=SECONDS, rate=40):
    """Rounds for so long, at least a few and at most `rate` for each second."""
    end, n = time.monotonic() + seconds, 0
    while (time.monotonic() < end and n < seconds * rate) or n < 20:
        n += 1
        yield n


def plain(v):
    """A reply without what may differ: metadata, the order in sets, the form of numbers."""
    if isinstance(v, dict):
        if set(v) == {"N"}:
            return {"N": float(v["N"])}
        return {
            k: sorted(map(str, x)) if k in ("SS", "NS", "BS") else plain(x)
            for k, x in v.items()
            if k not in ("ResponseMetadata", "ConsumedCapacity")
        }
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    return base64.b64encode(v).decode() if isinstance(v, bytes) else v


def call(client, op, params):
    """("ok", reply) or ("refused", code); a peer that breaks down says nothing."""
    try:
        return "ok", plain(getattr(client, op)(**params))
    except ClientError as e:
        status = e.response["ResponseMetadata"]["HTTPStatusCode"]
        return ("broken" if status >= 500 else "refused"), e.response["Error"]["Code"]
    except Exception as e:  # a reply that botocore cannot read
        return "broken", type(e).__name__


# Peers that are known to differ from AWS: what of a case tells it, whose fault it is, the source.
KNOWN = [
    ("moto", "NOT", "moto reads NOT with a lower precedence (developer guide, Condition expressions)"),
    ("moto", "IN", "moto takes IN with absent operands as an error"),
    ("dynalite", " IN ", "dynalite does not find false, 0 or an empty text in IN"),
    ("moto", "list_append", "moto takes a nested list_append; AWS: 'not allowed to be used this way'"),
    ("dynalite", "list_append", "the same in dynalite"),
    ("moto", "size", "moto has a size for numbers; AWS: 'operand type: N'"),
    ("moto", "attribute_type", "moto takes a type name that is none"),
    ("moto", "BETWEEN", "moto takes bounds of two types, or the wrong way round"),
    ("moto", "begins_with", "moto takes operands that are no texts"),
    ("moto", "contains", "moto looks into maps"),
]


def is_known(peer, text):
    return any(p == peer and word in text for p, word, _ in KNOWN)


def lookup(item, text):
    """What an operand stands for in the item; None when there is nothing."""
    if text.startswith("size("):
        v = lookup(item, text[5:-1])
        return v if v and set(v) & {"S", "B", "SS", "NS", "BS", "L", "M"} else None
    if text.startswith(":"):
        return {"S": text}
    name, index, member = re.fullmatch(r"(\w+)(?:\[(\d)\])?(?:\.(\w+))?", text).groups()
    v = item.get(name)
    if index is not None:
        v = (v or {}).get("L", [])[int(index) : int(index) + 1]
        v = v[0] if v else None
    return (v or {}).get("M", {}).get(member) if member else v


def of_nothing(item, operand):
    """The size of an empty text is 0; dynalite has none for it. (A literal may be one.)"""
    return operand.startswith("size(") and (":" in operand or lookup(item, operand[5:-1]) == {"S": ""})


def peers_differ(item, pairs):
    """The peers take two absent operands as equal, AWS as unequal (also with <>: unit tests hold it).
    Two that are the same path AWS refuses: "The first operand must be distinct"; moto does not."""
    return any(
        a == b
        or of_nothing(item, a)
        or of_nothing(item, b)
        or (lookup(item, a) is None and lookup(item, b) is None)
        for a, b in pairs
    )


# ---- DynamoDB: expressions -----------------------------------------------------------------

NAMES = ["a", "b", "c", "d"]


def value(depth=0):
    kinds = ["S", "N", "BOOL", "NULL", "SS", "NS", "L", "M"]
    kind = rng.choice(kinds if depth < 2 else kinds[:4])
    if kind == "S":
        return {"S": rng.choice(["", "x", "xy", "y", "hello"])}
    if kind == "N":
        return {"N": str(rng.choice([0, 1, 2, 5, -3, 1.5]))}
    if kind == "BOOL":
        return {"BOOL": rng.random() < 0.5}
    if kind == "NULL":
        return {"NULL": True}
    if kind == "SS":
        return {"SS": rng.sample(["x", "y", "z"], rng.randint(1, 3))}
    if kind == "NS":
        return {"NS": rng.sample(["1", "2", "3"], rng.randint(1, 3))}
    if kind == "L":
        return {"L": [value(depth + 1) for _ in range(rng.randint(0, 3))]}
    return {"M": {n: value(depth + 1) for n in rng.sample(NAMES, rng.randint(0, 2))}}


class Writer:
    """Text of an expression with its placeholders."""

    def __init__(self):
        self.values, self.pairs = {}, []

    def pair(self, left, op, right):
        self.pairs.append((left, right))
        return f"{left} {op} {right}"

    def literal(self, v=None):
        name = f":v{len(self.values)}"
        self.values[name] = v if v is not None else value()
        return name

    def path(self):
        return rng.choice(NAMES) + rng.choice(["", "", "", "[0]", "[1]", ".a", ".b"])

    def operand(self, literals=0.5):
        if rng.random() < 0.15:
            return f"size({self.path() if rng.random() < 0.8 else self.literal()})"
        return self.literal() if rng.random() < literals else self.path()

    def ordered(self):
        """Literals of other types have no order: AWS refuses them, the peers do not."""
        if rng.random() < 0.4:
            return self.literal(rng.choice([{"N": str(rng.randint(-3, 6))}, {"S": rng.choice("xyz")}]))
        return self.path() if rng.random() < 0.8 else f"size({self.path()})"

    def condition(self, depth=0):
        roll = rng.random()
        if depth < 2 and roll < 0.25:
            word = rng.choice(["AND", "OR"])
            return f"({self.condition(depth + 1)}) {word} ({self.condition(depth + 1)})"
        if depth < 2 and roll < 0.33:
            return f"NOT ({self.condition(depth + 1)})"
        if roll < 0.55:
            return self.pair(self.operand(0.2), rng.choice(["=", "<>"]), self.operand())
        if roll < 0.75:
            return self.pair(self.ordered(), rng.choice(["<", "<=", ">", ">="]), self.ordered())
        kind = rng.randrange(6)
        if kind == 0:
            what, low, high = self.ordered(), self.ordered(), self.ordered()
            self.pairs += [(what, low), (what, high)]
            return f"{what} BETWEEN {low} AND {high}"
        if kind == 1:
            what, one, other = self.path(), self.operand(), self.operand()
            self.pairs += [(what, one), (what, other)]
            return f"{what} IN ({one}, {other})"
        if kind == 2:
            return f"{rng.choice(['attribute_exists', 'attribute_not_exists'])}({self.path()})"
        if kind == 3:
            word = rng.choice(["S", "N", "L", "M", "SS", "NULL", "BOOL"])
            return f"attribute_type({self.path()}, {self.literal({'S': word})})"
        if kind == 4:
            return f"begins_with({self.path()}, {self.literal()})"
        what, part = self.path(), self.operand()
        self.pairs.append((what, part))
        return f"contains({what}, {part})"

    def set_value(self, depth=0):
        roll = rng.random()
        if depth < 2 and roll < 0.2:
            return f"if_not_exists({self.path()}, {self.set_value(depth + 1)})"
        if depth < 2 and roll < 0.4:
            return f"list_append({self.set_value(depth + 1)}, {self.set_value(depth + 1)})"
        if depth == 0 and roll < 0.6:
            return f"{self.set_value(1)} {rng.choice('+-')} {self.set_value(1)}"
        return self.path() if roll < 0.8 else self.literal()

    def update(self):
        sections, free = [], NAMES + ["e", "f", "g"]
        rng.shuffle(free)
        for word in rng.sample(["SET", "REMOVE", "ADD", "DELETE"], rng.randint(1, 3)):
            if word == "SET":
                sections.append(f"SET {free.pop()} = {self.set_value()}")
            elif word == "REMOVE":
                tail = rng.choice(["", "", "[0]", ".a"])
                sections.append(f"REMOVE {free.pop()}{tail}")
            elif word == "ADD":
                sections.append(f"ADD {free.pop()} {self.literal()}")
            else:
                sections.append(f"DELETE {free.pop()} {self.literal()}")
        return " ".join(sections)


KEY = {"p": {"S": "k"}}


def table(client, name="props"):
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
    )


def lay(client, item):
    if item is None:
        return call(client, "delete_item", {"TableName": "props", "Key": KEY})
    return call(client, "put_item", {"TableName": "props", "Item": {**KEY, **item}})


def random_item():
    return {n: value() for n in rng.sample(NAMES, rng.randint(0, 4))}


def with_values(params, writer):
    return {**params, **({"ExpressionAttributeValues": writer.values} if writer.values else {})}


def compare(prop, case, text, ours, peers):
    """`peers`: name -> outcome. Peers that broke down or are known to differ here have no say."""
    said = {n: o for n, o in peers.items() if o[0] != "broken" and not is_known(n, text)}
    prop.expect(
        ours[0] != "broken" and (not said or ours in said.values()),
        case,
        f"the local cloud: {ours}; " + "; ".join(f"{n}: {o}" for n, o in said.items()),
    )


def conditions(ours, peers):
    prop = Property("conditions hold as they do for the peers")
    for _ in until():
        item, writer = random_item(), Writer()
        text = writer.condition()
        params = with_values({"TableName": "props", "FilterExpression": text}, writer)
        outcomes = {}
        for name, client in {"ours": ours, **peers}.items():
            lay(client, item)
            got = call(client, "scan", params)
            outcomes[name] = (got[0], got[1]["Count"]) if got[0] == "ok" else got
        mine = outcomes.pop("ours")
        if peers_differ(item, writer.pairs):
            outcomes.clear()
        compare(prop, {"item": item, "request": params}, text, mine, outcomes)
    prop.close()


def updates(ours, peers):
    prop = Property("updates give what they give with the peers")
    for _ in until():
        item, writer = (random_item() if rng.random() < 0.8 else None), Writer()
        text = writer.update()
        params = with_values({"TableName": "props", "Key": KEY, "UpdateExpression": text}, writer)
        # Every operand is of the item as it was; the peers let ADD and DELETE change a copied set.
        changed = re.findall(r"(?:ADD|DELETE) (\w)", text)
        if any(len(re.findall(rf"\b{n}\b", text)) > 1 for n in changed):
            continue
        takes_only = not re.search(r"\b(SET|ADD)\b", text)
        outcomes = {}
        for name, client in {"ours": ours, **peers}.items():
            lay(client, item)
            got = call(client, "update_item", params)
            after = call(client, "get_item", {"TableName": "props", "Key": KEY})
            outcomes[name] = (got[0], after[1].get("Item") if got[0] == "ok" else got[1])
        mine = outcomes.pop("ours")
        case = {"item": item, "request": params}
        if item is None and takes_only:
            # API reference, UpdateItem: nothing happens. moto and dynalite make the item.
            prop.expect(mine[0] == "refused" or mine[1] is None, case, f"an item is made: {mine}")
        else:
            compare(prop, case, text, mine, outcomes)
    prop.close()


# ---- DynamoDB: transactions ----------------------------------------------------------------

# What of a transaction: its element of TransactItems, the item's place, whether its condition holds for an item
# (None: there is none), and what becomes of the item (a function; one that returns "bad" cannot be applied).
CONDITIONS = {
    "": lambda item, n: True,
    "attribute_exists(p)": lambda item, n: item is not None,
    "attribute_not_exists(p)": lambda item, n: item is None,
    "v = :n": lambda item, n: item is not None and item.get("v") == n,
    "v < :n": lambda item, n: item is not None and "v" in item and item["v"] < n,
}
UPDATES = {
    "SET v = :n": lambda item, n: {**item, "v": n},
    "ADD v :n": lambda item, n: {**item, "v": item.get("v", 0) + n},
    "SET w = :n REMOVE v": lambda item, n: {**{k: x for k, x in item.items() if k != "v"}, "w": n},
    "SET v = zz + :n": lambda item, n: "bad",
}


def as_item(key, item):
    return {**key, **{k: {"N": str(v)} for k, v in item.items()}}


def random_action():
    where = rng.choice(["props", "pairs"])
    key = {"p": {"S": rng.choice("abc")}}
    if where == "pairs":
        key["s"] = {"S": rng.choice("xy")}
    place, n = (where, json.dumps(key)), rng.randint(0, 3)
    kind = rng.choice(["Put", "Put", "Update", "Update", "Delete", "ConditionCheck"])
    text = rng.choice(list(CONDITIONS)[1 if kind == "ConditionCheck" else 0 :])
    doc, effect = {"TableName": where}, lambda item: item
    if kind == "Put":
        doc["Item"], effect = as_item(key, {"v": n}), lambda item: {"v": n}
    else:
        doc["Key"] = key
    if kind == "Delete":
        effect = lambda item: None
    elif kind == "Update":
        update = rng.choice(list(UPDATES) if rng.random() < 0.2 else list(UPDATES)[:3])
        doc["UpdateExpression"], effect = update, lambda item: UPDATES[update](item or {}, n)
    if text:
        doc["ConditionExpression"] = text
        if rng.random() < 0.5:
            doc["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    if ":n" in text + doc.get("UpdateExpression", ""):
        doc["ExpressionAttributeValues"] = {":n": {"N": str(n)}}
    return {kind: doc}, place, lambda item: CONDITIONS[text](item, n), effect


def expected(state, actions):
    """What the API reference says of a transaction on these items, and the items afterwards."""
    if len({place for _, place, _, _ in actions}) < len(actions):
        return ("refused", "ValidationException", None), state
    after, reasons = dict(state), []
    for element, place, holds, effect in actions:
        doc, item = next(iter(element.values())), state.get(place)
        if not holds(item):
            wants = item is not None and "ReturnValuesOnConditionCheckFailure" in doc
            reasons.append(("ConditionalCheckFailed", as_item(json.loads(place[1]), item) if wants else None))
            continue
        after[place] = effect(item)
        reasons.append(("ValidationError" if after[place] == "bad" else "None", None))
    if any(code != "None" for code, _ in reasons):
        return ("refused", "TransactionCanceledException", reasons), state
    return ("ok", None, None), {k: v for k, v in after.items() if v is not None}


def transact(client, params):
    try:
        client.transact_write_items(**params)
        return ("ok", None, None)
    except ClientError as e:
        reasons = e.response.get("CancellationReasons")
        if reasons is not None:
            reasons = [(r["Code"], r.get("Item")) for r in reasons]
        return ("refused", e.response["Error"]["Code"], reasons)


def all_items(client):
    found = {}
    for where in ("props", "pairs"):
        for item in client.scan(TableName=where, ConsistentRead=True)["Items"]:
            key = {k: item.pop(k) for k in ("p", "s") if k in item}
            found[where, json.dumps(key)] = {k: float(v["N"]) for k, v in item.items()}
    return found


def transactions(ours, moto):
    """Random transactions in sequence. moto differs from AWS: it knows no ClientRequestToken, and an update that
    cannot be applied is a ValidationException there, not a reason (API reference, TransactWriteItems)."""
    prop = Property("transactions do what the reference says, and what moto does")
    for client in (ours, moto):
        client.create_table(
            TableName="pairs",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in "ps"],
            KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
        )
        for item in client.scan(TableName="props")["Items"]:
            client.delete_item(TableName="props", Key={"p": item["p"]})
    state, last = {}, None
    for n in until():
        if last and rng.random() < 0.15:  # one that was done is sent again, as it was or changed
            params, same = dict(last), rng.random() < 0.6
            if not same:
                params["TransactItems"] = [random_action()[0]]
            want = ("ok", None, None)
            if not same and params["TransactItems"] != last["TransactItems"]:
                want = ("refused", "IdempotentParameterMismatchException", None)
            prop.expect(transact(ours, params) == want, params, f"it is not {want}")
            prop.expect(all_items(ours) == state, params, f"{all_items(ours)} is not {state}")
            continue
        actions = [random_action() for _ in range(rng.choice([1, 1, 2, 2, 3, 4]))]
        params = {"TransactItems": [a[0] for a in actions]}
        want, after = expected(state, actions)
        theirs = transact(moto, params)
        if rng.random() < 0.5:
            params["ClientRequestToken"] = f"token-{SEED}-{n}"
        got = transact(ours, params)
        case = {"state": [[*k, v] for k, v in state.items()], "request": params}
        prop.expect(got == want, case, f"{got} is not {want}")
        bad = want[2] and any(code == "ValidationError" for code, _ in want[2])
        if not bad:
            prop.expect(theirs == got, case, f"moto: {theirs}; the local cloud: {got}")
        state = after
        mine, others = all_items(ours), all_items(moto)
        prop.expect(mine == state, case, f"{mine} is not {state}")
        prop.expect(mine == others, case, f"moto has {others}; the local cloud {mine}")
        if got[0] == "ok" and "ClientRequestToken" in params:
            last = params
    prop.close()


# ---- DynamoDB: keys, indexes, tables -------------------------------------------------------

MIRROR = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def key_conditions(ours, peers):
    """Either order of the operands is the same; a Query is a Scan with the same filter."""
    prop = Property("key conditions are the same in either order, and as a filter")
    ours.create_table(
        TableName="keys",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "p", "AttributeType": "S"},
            {"AttributeName": "s", "AttributeType": "N"},
        ],
        KeySchema=[
            {"AttributeName": "p", "KeyType": "HASH"},
            {"AttributeName": "s", "KeyType": "RANGE"},
        ],
    )
    for p in "ab":
        for s in range(-3, 6):
            ours.put_item(TableName="keys", Item={"p": {"S": p}, "s": {"N": str(s)}})
    for _ in until(SECONDS / 3):
        op, n = rng.choice(list(MIRROR)), str(rng.randint(-4, 7))
        values = {":p": {"S": rng.choice("abc")}, ":n": {"N": n}}
        hash_part = rng.choice(["p = :p", ":p = p"])
        parts = [[hash_part, f"s {op} :n"], [hash_part, f":n {MIRROR[op]} s"]]
        got = []
        for two in parts:
            rng.shuffle(two)
            params = {
                "TableName": "keys",
                "KeyConditionExpression": " AND ".join(two),
                "ExpressionAttributeValues": values,
            }
            got.append(call(ours, "query", params))
        scan = call(
            ours,
            "scan",
            {
                "TableName": "keys",
                "FilterExpression": f"p = :p AND s {op} :n",
                "ExpressionAttributeValues": values,
            },
        )
        case = {"conditions": parts, "values": values}
        prop.expect(got[0][0] == "ok" and got[0] == got[1], case, f"{got[0]} is not {got[1]}")
        same = got[0][0] == scan[0] == "ok" and sorted(map(str, got[0][1]["Items"])) == sorted(
            map(str, scan[1]["Items"])
        )
        prop.expect(same, case, f"Query {got[0]} is not Scan {scan}")
    prop.close()


def fits(av, key_type, limit):
    """Whether a value may be in an index (developer guide, Service quotas: key lengths)."""
    if av is None or set(av) != {key_type}:
        return False
    return key_type == "N" or 0 < len(av[key_type].encode()) <= limit


def later_indexes(ours, peers):
    """An index holds exactly the items that can be in it, made before or after them."""
    prop = Property("an index made later holds what can be in it")
    for n in until(SECONDS / 3):
        name, key_type = f"later{n}", rng.choice("SN")
        table(ours, name)
        want = set()
        for i in range(6):
            av = rng.choice(
                [
                    None,
                    {"S": ""},
                    {"S": "x" * rng.choice([1, 1024, 1025, 2048, 2049])},
                    {"N": str(i)},
                    {"NULL": True},
                    {"SS": ["x"]},
                ]
            )
            item = {"p": {"S": str(i)}, "h": {"S": "h"}, **({"x": av} if av else {})}
            ours.put_item(TableName=name, Item=item)
            as_range = n % 2 == 0
            if fits(av, key_type, 1024 if as_range else 2048):
                want.add(str(i))
        schema = [{"AttributeName": "x", "KeyType": "HASH"}]
        defined = [{"AttributeName": "x", "AttributeType": key_type}]
        if as_range:
            schema = [
                {"AttributeName": "h", "KeyType": "HASH"},
                {"AttributeName": "x", "KeyType": "RANGE"},
            ]
            defined.append({"AttributeName": "h", "AttributeType": "S"})
        ours.update_table(
            TableName=name,
            AttributeDefinitions=defined,
            GlobalSecondaryIndexUpdates=[
                {
                    "Create": {
                        "IndexName": "idx",
                        "KeySchema": schema,
                        "Projection": {"ProjectionType": "KEYS_ONLY"},
                    }
                }
            ],
        )
        got = {i["p"]["S"] for i in ours.scan(TableName=name, IndexName="idx")["Items"]}
        prop.expect(got == want, {"table": name, "key": key_type, "range": as_range}, f"{got} not {want}")
        ours.delete_table(TableName=name)
    prop.close()


def random_table(name):
    """CreateTable, mostly right, with one or two things that may be wrong."""
    names = ["p", "s", "x"]
    odd = lambda good, bad: rng.choice(bad) if rng.random() < 0.12 else good
    projection = {"ProjectionType": odd(rng.choice(["ALL", "KEYS_ONLY", "INCLUDE"]), ["all", None])}
    if projection["ProjectionType"] == "INCLUDE" or rng.random() < 0.1:
        projection["NonKeyAttributes"] = odd(
            ["q", "r"], [[], ["q", "q"], [""], ["x" * 256], [f"n{i}" for i in range(21)]]
        )
    index = {
        "IndexName": odd("index-1", ["ab", "in dex", "x" * 256]),
        "KeySchema": odd(
            [{"AttributeName": "x", "KeyType": "HASH"}],
            [[], [{"AttributeName": "x", "KeyType": "RANGE"}], [{"AttributeName": "z", "KeyType": "HASH"}]],
        ),
        "Projection": projection,
    }
    paid = rng.random() < 0.4
    units = {"ReadCapacityUnits": odd(1, [0, -1]), "WriteCapacityUnits": odd(1, [0, -1])}
    params = {
        "TableName": odd(name, ["ma", "m!", "x" * 256]),
        "AttributeDefinitions": [
            {"AttributeName": n, "AttributeType": odd("S", ["X", "s"])} for n in odd(names, [["p", "s"], names + ["y"]])
        ],
        "KeySchema": odd(
            [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
            [[], [{"AttributeName": "p", "KeyType": "RANGE"}], [{"AttributeName": "p", "KeyType": "HASH"}] * 2],
        ),
        "GlobalSecondaryIndexes": odd([index], [[], [index, index]]),
        "BillingMode": "PROVISIONED" if paid else "PAY_PER_REQUEST",
    }
    if paid != (rng.random() < 0.08):
        params["ProvisionedThroughput"] = units
    if paid != (rng.random() < 0.08):
        index["ProvisionedThroughput"] = units
    return params


def tables(ours, peers):
    prop = Property("what a peer refuses of a table, the local cloud refuses")
    for n in until():
        params = random_table(f"made-{n}")  # a peer may still be deleting the last one
        mine = call(ours, "create_table", params)
        prop.expect(mine[0] != "broken", params, f"{mine}")
        for name, client in peers.items():
            theirs = call(client, "create_table", params)
            if theirs[0] == "refused":
                prop.expect(mine[0] == "refused", params, f"{name} refuses: {theirs[1]}; taken: {mine}")
            elif theirs[0] == "ok":
                call(client, "delete_table", {"TableName": params["TableName"]})
        if mine[0] == "ok":
            ours.delete_table(TableName=params["TableName"])
    prop.close()


# ---- EventBridge ---------------------------------------------------------------------------

FIELDS = ["a", "b", "c"]
SCALARS = ["x", "xy", "y.png", "", "10.0.0.7", "192.168.1.200", 0, 1, 2.5, -3, 100, True, False, None]


def leaf():
    kind = rng.randrange(11)
    text = rng.choice(["x", "xy", "Y", "png", "."])
    if kind < 3:
        return rng.choice(SCALARS)
    if kind == 3:
        return {rng.choice(["prefix", "suffix", "equals-ignore-case"]): text}
    if kind == 4:
        return {rng.choice(["prefix", "suffix"]): {"equals-ignore-case": text}}
    if kind == 5:
        return {"anything-but": rng.choice(["x", ["x", "xy"], 1, [1, 2.5], {"prefix": text}, {"suffix": text}])}
    if kind == 6:
        return {"numeric": [rng.choice(["=", "<", "<=", ">", ">="]), rng.choice([0, 1, 2.5, 50])]}
    if kind == 7:
        return {"numeric": [rng.choice([">", ">="]), 0, rng.choice(["<", "<="]), rng.choice([1, 50])]}
    if kind == 8:
        return {"exists": rng.random() < 0.5}
    if kind == 9:
        return {"cidr": rng.choice(["10.0.0.0/24", "0.0.0.0/0", "192.168.1.128/25"])}
    return {"wildcard": rng.choice(["x*", "*y*", "y.*", "*"])}


def node(depth=0):
    out = {}
    for name in rng.sample(FIELDS, rng.randint(1, 2)):
        out[name] = node(depth + 1) if depth < 2 and rng.random() < 0.3 else [leaf() for _ in range(rng.randint(1, 2))]
    if depth < 2 and rng.random() < 0.2:
        others = [n for n in FIELDS if n not in out]
        if others:
            out["$or"] = [{rng.choice(others): [leaf()]} for _ in range(2)]
    return out


def detail(depth=0):
    return {
        n: detail(depth + 1) if depth < 2 and rng.random() < 0.3 else rng.choice(SCALARS)
        for n in rng.sample(FIELDS, rng.randint(1, 3))
    }


def one_type(v):
    """moto compares as Python does, where True is 1 and an address; the Ruler knows JSON's types."""
    text = json.dumps(v)
    bare = re.search(r"[\[: ]-?\d", text)
    return not (re.search("true|false", text) and (bare or "cidr" in text)) and not ("cidr" in text and bare)


def event(d):
    return {
        "id": "1",
        "account": "1",
        "source": "s",
        "time": "2026-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail-type": "t",
        "detail": d,
    }


def matches(events, pattern, d):
    text = pattern if isinstance(pattern, str) else json.dumps(pattern)
    got = call(events, "test_event_pattern", {"EventPattern": text, "Event": json.dumps(event(d))})
    return got[1]["Result"] if got[0] == "ok" else got


def patterns(events):
    prop = Property("event patterns match as with moto")
    for _ in until(rate=500):
        pattern, d = {"detail": node()}, detail()
        if not one_type([pattern, d]):
            continue
        want = EventPattern(None, pattern).matches_event(event(d))
        got = matches(events, pattern, d)
        prop.expect(got == want, {"pattern": pattern, "detail": d}, f"{got} is not {want}")
    prop.close()


def pattern_words(events):
    """A key given twice has its last word; $or is any of its objects beside what stands around it."""
    prop = Property("the last word on a key counts in a pattern")
    for _ in until(SECONDS / 3):
        first, last, other, d = [leaf()], [leaf()], [leaf()], detail()
        twice = f'{{"detail":{{"a":{json.dumps(first)},"a":{json.dumps(last)}}}}}'
        case = {"pattern": twice, "detail": d}
        want = matches(events, {"detail": {"a": last}}, d)
        got = matches(events, twice, d)
        prop.expect(got == want, case, f"{got} is not {want}")
        beside = {"detail": {"a": first, "$or": [{"a": last}, {"b": other}]}}
        either = [
            matches(events, {"detail": {"a": last}}, d),
            matches(events, {"detail": {"a": first, "b": other}}, d),
        ]
        got = matches(events, beside, d)
        prop.expect(got == (True in either), {"pattern": beside, "detail": d}, f"{got}, of {either}")
    prop.close()


def networks(events):
    """cidr takes the addresses of a network that is more than one address."""
    prop = Property("cidr is the network's addresses")
    for _ in until(SECONDS / 4):
        if rng.random() < 0.5:
            bits, whole = rng.randint(0, 32), 32
            base = ipaddress.ip_address(rng.getrandbits(32))
            near = ipaddress.ip_address(int(base) ^ (1 << rng.randrange(32)))
        else:
            bits, whole = rng.randint(0, 128), 128
            base = ipaddress.IPv6Address(rng.getrandbits(128))
            near = ipaddress.IPv6Address(int(base) ^ (1 << rng.randrange(128)))
        got = matches(events, {"detail": {"a": [{"cidr": f"{base}/{bits}"}]}}, {"a": str(near)})
        if bits == whole:
            want = ("refused", "InvalidEventPatternException")
        else:
            want = near in ipaddress.ip_network(f"{base}/{bits}", strict=False)
        prop.expect(got == want, {"cidr": f"{base}/{bits}", "address": str(near)}, f"{got} is not {want}")
    prop.close()


def entries(ours, moto):
    prop = Property("each entry of PutEvents is judged as with moto")
    for _ in until(SECONDS / 3):
        sent = []
        for _ in range(rng.randint(1, 10)):
            entry = {
                "Source": rng.choice(["app", "app", ""]),
                "DetailType": rng.choice(["t", "t", ""]),
                "Detail": rng.choice(["{}", '{"a":1}', "", "{", "x"]),
            }
            sent.append({k: v for k, v in entry.items() if rng.random() < 0.9})
        got = [call(c, "put_events", {"Entries": sent}) for c in (ours, moto)]
        codes = [
            [e.get("ErrorCode") for e in g[1]["Entries"]] + [g[1]["FailedEntryCount"]] if g[0] == "ok" else g
            for g in got
        ]
        prop.expect(codes[0] == codes[1], sent, f"{codes[0]} is not {codes[1]}")
    prop.close()


# ---- SQS -----------------------------------------------------------------------------------


def queues(ours, moto):
    prop = Property("what moto refuses of a queue, the local cloud refuses")
    for client in (ours, moto):
        client.create_queue(QueueName="dead")
    dead = [
        c.get_queue_attributes(QueueUrl=c.get_queue_url(QueueName="dead")["QueueUrl"], AttributeNames=["QueueArn"])[
            "Attributes"
        ]["QueueArn"]
        for c in (ours, moto)
    ]
    for n in until(SECONDS / 2):
        name = rng.choice([f"q{n}", f"q{n}", "", "a b", "a.b", "x" * 81, "é", "a/b"])
        count = rng.choice([1, 5, "5", 1000])
        shape = rng.randrange(6)
        got = []
        for client, arn in zip((ours, moto), dead):
            policy = {"deadLetterTargetArn": arn, "maxReceiveCount": count}
            if shape == 0:
                del policy["maxReceiveCount"]
            elif shape == 1:
                del policy["deadLetterTargetArn"]
            elif shape == 2:
                policy["deadLetterTargetArn"] = arn + "-none"
            text = "not json" if shape == 3 else json.dumps(policy)
            params = {"QueueName": name, "Attributes": {"RedrivePolicy": text}}
            got.append(call(client, "create_queue", params))
        case = {"name": name, "shape": shape, "count": count}
        prop.expect(got[0][0] != "broken", case, f"{got[0]}")
        if got[1][0] == "refused":
            prop.expect(got[0][0] == "refused", case, f"moto refuses: {got[1][1]}")
        elif got[1][0] == "ok":
            prop.expect(got[0][0] == "ok", case, f"moto takes it: {got[0][1]}")
    prop.close()


# ---- Logs ----------------------------------------------------------------------------------

WORDS = ["error", "Error", "warn", "a", "ab", "b1", "x_y", "100", "été"]
MARKS = [" ", " ", ": ", "%", '"', "\\", "-", ".", "[", "{", "(", "?", "*", "/", "=", "\t"]


def message():
    return "".join(rng.choice(WORDS) + rng.choice(MARKS) for _ in range(rng.randint(1, 5)))


def filtered(client, **params):
    """All pages of a filter: [(stream, message)] in order, or how it was refused."""
    found, pages = [], 0
    params["logGroupName"] = "props"
    while pages < 1000:
        got = call(client, "filter_log_events", {**params, "interleaved": True})
        if got[0] != "ok":
            return got
        found += [(e["logStreamName"], e["message"]) for e in got[1]["events"]]
        if "limit" in params and len(got[1]["events"]) > params["limit"]:
            return "a page over its limit"
        params["nextToken"], pages = got[1].get("nextToken"), pages + 1
        if not params["nextToken"]:
            return found
    return "pages without an end"


def piece():
    """An atom of a regular expression as the service has it, with its repetition."""
    atom = rng.choice(
        ["a", "b", "e", "r", "1", "0", ".", "[ab]", "[^a-e]", "[0-9_]", "[^0-9]", r"\d", r"\D", r"\s", r"\S", r"\w"]
        + [r"\W", r"\.", r"\x61", r"\[", r"\*", r"\\", "_", "=", "/", "-", ":", r"[\d_-]", "[.*?+]"]
    )
    return atom + rng.choice(["", "", "", "?", "*", "+", "{2}", "{1,2}", "{0,3}", "{1,}"])


def expression():
    sides = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        sides.append(
            rng.choice(["", "", "^"]) + "".join(piece() for _ in range(rng.randint(1, 4))) + rng.choice(["", "", "$"])
        )
    return "|".join(sides)


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def terms():
    """A pattern of terms, and what it says of a message (CloudWatch Logs user guide, filter pattern syntax)."""
    made = []
    for _ in range(rng.randint(1, 4)):
        kind = rng.choice(["", "", "?", "-"])
        text = rng.choice(WORDS) if rng.random() < 0.5 else message()[: rng.randint(1, 8)]
        plain = re.fullmatch(r"\w+", text) and rng.random() < 0.7
        made.append((kind, text, kind + (text if plain else quoted(text))))

    def wanted(text):
        part = {k: [t in text for kind, t, _ in made if kind == k] for k in ("", "?", "-")}
        some = any(part["?"]) or not part["?"] or bool(part[""])  # beside plain terms, ?terms do not count
        return all(part[""]) and not any(part["-"]) and some

    return " ".join(shown for _, _, shown in made), wanted


def filters(ours, moto):
    base = int(time.time() * 1000) - 600000
    written = []  # (time, stream, message), by time
    for client in (ours, moto):
        client.create_log_group(logGroupName="props")
        for stream in ("s0", "s1", "s2"):
            client.create_log_stream(logGroupName="props", logStreamName=stream)
    for n in range(120):
        written.append((base + n * 10, rng.choice(["s0", "s1", "s2"]), message()))
    for stream in ("s0", "s1", "s2"):
        events = [{"timestamp": at, "message": text} for at, s, text in written if s == stream]
        for client in (ours, moto):
            client.put_log_events(logGroupName="props", logStreamName=stream, logEvents=events)
    prop = Property("filter-log-events gives what moto gives")
    for _ in until(SECONDS / 3):
        params = {}
        words = [rng.choice([w for w in WORDS if re.fullmatch("[a-zA-Z][a-zA-Z0-9_]*", w)]) for _ in range(2)]
        pattern = rng.choice(["", words[0], " ".join(words), f'"{words[0]} {words[1]}"', f'"{words[0]}: "'])
        if pattern or rng.random() < 0.5:
            params["filterPattern"] = pattern
        if rng.random() < 0.4:
            params["startTime"] = base + rng.randint(0, 1200)
        if rng.random() < 0.4:
            params["endTime"] = base + rng.randint(0, 1200)
        if rng.random() < 0.4:
            params["logStreamNames"] = rng.sample(["s0", "s1", "s2"], rng.randint(1, 3))
        if rng.random() < 0.4:
            params["limit"] = rng.randint(1, 50)
        got, want = filtered(ours, **params), filtered(moto, **params)
        prop.expect(got == want, params, f"{got} is not {want}")
    prop.close()
    prop = Property("filter terms mean what the guide says")
    for _ in until(SECONDS / 3):
        pattern, wanted = terms()
        got = filtered(ours, filterPattern=pattern)
        want = [(s, text) for _, s, text in written if wanted(text)]
        prop.expect(got == want, {"filterPattern": pattern}, f"{got} is not {want}")
    prop.close()
    prop = Property("a regular expression finds what Python's finds")
    for _ in until(SECONDS / 3):
        text = expression()
        got = filtered(ours, filterPattern=f"%{text}%")
        want = [(s, m) for _, s, m in written if re.search(text, m, re.ASCII | re.DOTALL)]
        prop.expect(got == want, {"filterPattern": f"%{text}%"}, f"{got} is not {want}")
    prop.close()


def begin_moto():
    port = free_port()
    code = f"from moto.server import main; main(['-H', '127.0.0.1', '-p', '{port}'])"
    return start([sys.executable, "-c", code], port)


def begin_dynalite():
    port = free_port()
    quick = ["--createTableMs", "0", "--deleteTableMs", "0", "--updateTableMs", "0"]
    return start(["node", DYNALITE, "--port", str(port), *quick], port)


def main():
    ours = start_ours()
    mine = {s: boto3.client(s, config=RAW, **ours) for s in ("dynamodb", "events", "logs", "sqs")}
    table(mine["dynamodb"])
    tables_of = {"moto": Peer("moto", begin_moto)}
    if DYNALITE:
        tables_of["dynalite"] = Peer("dynalite", begin_dynalite)
    url = tables_of["moto"].url
    moto = {s: boto3.client(s, config=RAW, endpoint_url=url, **KW) for s in ("events", "logs", "sqs")}
    print(f"SEED={SEED} SECONDS={SECONDS:g} peers: {', '.join(tables_of)}")
    conditions(mine["dynamodb"], tables_of)
    updates(mine["dynamodb"], tables_of)
    transactions(mine["dynamodb"], tables_of["moto"].client)
    key_conditions(mine["dynamodb"], tables_of)
    later_indexes(mine["dynamodb"], tables_of)
    tables(mine["dynamodb"], tables_of)
    patterns(mine["events"])
    pattern_words(mine["events"])
    networks(mine["events"])
    entries(mine["events"], moto["events"])
    queues(mine["sqs"], moto["sqs"])
    filters(mine["logs"], moto["logs"])


try:
    main()
finally:
    for p in processes:
        p.terminate()
        p.wait()
sys.exit(1 if failures else 0)
