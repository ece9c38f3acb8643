"""What can go wrong with one call, by name. A kind is "taken" when the service has done what was asked."""

import json

JSON = "application/x-amz-json-1.0"


def refusal(status, code, message="said the fault proxy"):
    body = json.dumps({"__type": "com.amazon.coral.service#" + code, "message": message}).encode()
    return status, {"Content-Type": JSON, "x-amzn-ErrorType": code}, body


# Answered without asking the service. Throttling first: it passes, the others say no.
THROTTLES = {code: refusal(400, code, "Rate exceeded") for code in (
    "ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottledException",
    "TooManyRequestsException", "Throttling", "SlowDown")}
THROTTLES["429"] = (429, {"Content-Type": "text/plain"}, b"slow down")

REFUSALS = {code: refusal(status, code) for status, code in (
    (400, "ExpiredTokenException"), (400, "ExpiredToken"), (400, "AccessDeniedException"), (403, "AccessDenied"),
    (400, "ValidationException"), (400, "InvalidSignatureException"), (403, "SignatureDoesNotMatch"),
    (400, "UnrecognizedClientException"), (403, "InvalidClientTokenId"), (400, "MissingAuthenticationToken"),
    (400, "IncompleteSignature"), (400, "SerializationException"), (400, "OptInRequired"))}
REFUSALS["307"] = (307, {"Location": "http://127.0.0.1:9/elsewhere"}, b"")
REFUSALS["302"] = (302, {"Location": "http://127.0.0.1:9/elsewhere"}, b"<html>log in</html>")
REFUSALS["403-html"] = (403, {"Content-Type": "text/html"}, b"<html>the proxy of your company says no</html>")
REFUSALS["404-html"] = (404, {"Content-Type": "text/html"}, b"<html>nothing here</html>")

BROKEN = {
    "500": refusal(500, "InternalServerError"),
    "500-internal": refusal(500, "InternalFailure"),
    "503": refusal(503, "ServiceUnavailable"),
    "503-html": (503, {"Content-Type": "text/html"}, b"<html>busy</html>"),
    "502": (502, {"Content-Type": "text/html"}, b"<html>bad gateway</html>"),
    "504": (504, {}, b""),
}
ANSWERS = {**THROTTLES, **REFUSALS, **BROKEN}

# Never passed on.
LINK = ("refused", "reset", "cut")
# Passed on, and its reply does not arrive as it was.
TAKEN_BY_LINK = ("lost", "lost-reset", "reply-cut", "reply-head-cut")
TAKEN_BY_TEXT = {
    "reply-garbage": None,  # no HTTP at all
    "reply-html": (200, {"Content-Type": "text/html"}, b"<html>welcome to the hotel</html>"),
    "reply-half-json": (200, {"Content-Type": JSON}, b'{"Entries":[{"EventI'),
    "500-after": BROKEN["500"],
    "503-after": BROKEN["503"],
    "504-after": BROKEN["504"],
}
TAKEN = TAKEN_BY_LINK + tuple(TAKEN_BY_TEXT)
SLOW = {"far-away": 0.4, "slow": 2}  # seconds before it is passed on
HANGS = ("hang", "hang-after")

# A success of PutEvents that says nothing of its entries: n is how many were sent.
UNREADABLE = {
    "events-empty-body": lambda n: b"",
    "events-empty": lambda n: b"{}",
    "events-no-entries": lambda n: json.dumps({"FailedEntryCount": 0, "Entries": []}).encode(),
    "events-blank": lambda n: json.dumps({"FailedEntryCount": 0, "Entries": [{}] * n}).encode(),
    "events-null-id": lambda n: json.dumps({"FailedEntryCount": 0, "Entries": [{"EventId": None}] * n}).encode(),
    "events-number-id": lambda n: json.dumps({"FailedEntryCount": 0, "Entries": [{"EventId": 7}] * n}).encode(),
    "events-empty-id": lambda n: json.dumps({"FailedEntryCount": 0, "Entries": [{"EventId": ""}] * n}).encode(),
    "events-null-entry": lambda n: json.dumps({"FailedEntryCount": 0, "Entries": [None] * n}).encode(),
    "events-string-entry": lambda n: json.dumps({"FailedEntryCount": 0, "Entries": ["ok"] * n}).encode(),
    "events-true": lambda n: b'{"FailedEntryCount":0,"Entries":true}',
    "events-array": lambda n: b"[]",
    "events-too-many": lambda n: json.dumps({"FailedEntryCount": 0, "Entries": [{"EventId": "x"}] * (n + 1)}).encode(),
}
def cancelled(code, n):
    """A transaction of n actions that was refused for the state of its items, not for what it asks."""
    body = json.dumps({"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
                       "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
                       "CancellationReasons": [{"Code": code, "Message": "said the fault proxy"}] + [{"Code": "None"}] * (n - 1)})
    return 400, {"Content-Type": JSON, "x-amzn-ErrorType": "TransactionCanceledException"}, body.encode()


# Of TransactWriteItems alone: another write had one of the items at that moment, or there were too many.
CANCELLED = {"cancelled-conflict": lambda n: cancelled("TransactionConflict", n),
             "cancelled-throttled": lambda n: cancelled("ThrottlingError", n),
             "cancelled-throughput": lambda n: cancelled("ProvisionedThroughputExceeded", n)}
# A reply of GetItem that is not what the table holds.
WRONG_ITEM = {
    "item-empty": b"{}",
    "item-true": b'{"Item":true}',
    "item-null": b'{"Item":null}',
    "item-array": b"[]",
    "item-other": b'{"Item":{"jobId":{"S":"job_1_other"},"userId":{"S":"x"},"status":{"S":"COMPLETED"}}}',
    "item-error": b'{"__type":"com.amazon#InternalServerError","message":"x"}',
    "item-empty-body": b"",
}

# Pages that bring nothing and never end; n is how many came before.
PAGES = {
    "pages-scan": lambda n: json.dumps({"Items": [], "Count": 0, "ScannedCount": 0,
                                        "LastEvaluatedKey": {"jobId": {"S": f"job_{n}"}}}).encode(),
    "pages-listjobs": lambda n: json.dumps({"jobSummaryList": [], "nextToken": f"t{n}"}).encode(),
    "pages-log": lambda n: json.dumps({"events": [], "nextToken": f"f/{n}", "nextForwardToken": f"f/{n}",
                                       "nextBackwardToken": f"b/{n}"}).encode(),
}

# What a bad link does, with its weights: most of it passes, some of it says no.
RANDOM = (LINK * 4 + TAKEN * 4 + tuple(BROKEN) * 2 + tuple(THROTTLES) + ("slow-reply",) * 2
          + ("AccessDeniedException", "ExpiredTokenException", "307", "InvalidSignatureException"))
RANDOM_EVENTS = tuple(UNREADABLE)
RANDOM_TRANSACT = tuple(CANCELLED)
