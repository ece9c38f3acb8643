"""A small interpreter of the Amazon States Language: as much of it as infra/tracker.tf uses.

run(definition, event, tasks) walks the machine and returns what it did. `tasks` maps the end of a
task's Resource ("dynamodb:updateItem") to a function of its parameters, which returns a document or
raises TaskFailed. Anything that is not known here is an error, so that a new state is not skipped.
"""

import copy
import re


class TaskFailed(Exception):
    def __init__(self, name):
        super().__init__(name)
        self.name = name


class Missing(Exception):
    """A path that leads nowhere: States.Runtime ends the execution."""


def at(path, data):
    """What a reference path or the one form of filter points at."""
    assert path.startswith("$"), path
    for name, index, key, value in re.findall(r"\.([A-Za-z_]\w*)|\[(\d+)\]|\[\?\(@\.(\w+)=='([^']*)'\)\]", path):
        if key:
            data = [x for x in data if x.get(key) == value]
        elif isinstance(data, list) and name:
            data = [x[name] for x in data if name in x]
        else:
            try:
                data = data[name if name else int(index)]
            except (KeyError, IndexError, TypeError) as x:
                raise Missing(path) from x
    return data


def filled(template, data):
    if isinstance(template, dict):
        return {(k[:-2] if k.endswith(".$") else k): (at(v, data) if k.endswith(".$") else filled(v, data))
                for k, v in template.items()}
    return [filled(x, data) for x in template] if isinstance(template, list) else template


def holds(rule, data):
    if "Not" in rule:
        return not holds(rule["Not"], data)
    if "And" in rule:
        return all(holds(r, data) for r in rule["And"])
    if "IsPresent" in rule:
        try:
            at(rule["Variable"], data)
        except Missing:
            return not rule["IsPresent"]
        return rule["IsPresent"]
    value = at(rule["Variable"], data)
    if "StringEquals" in rule:
        return value == rule["StringEquals"]
    if "NumericEquals" in rule:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value == rule["NumericEquals"]
    if "StringEqualsPath" in rule:
        return value == at(rule["StringEqualsPath"], data)
    raise AssertionError(f"unknown rule {rule}")


def put(path, result, data):
    if path is None:
        return data
    data = copy.deepcopy(data)
    if path == "$":
        return result
    at(path.rpartition(".")[0], data)[path.rpartition(".")[2]] = result
    return data


def names_match(listed, name):
    return name in listed or "States.ALL" in listed or "States.TaskFailed" in listed


def task(state, data, tasks, done):
    """Its result, or the name of the state that a Catch leads to."""
    work = tasks[":".join(state["Resource"].split(":")[-2:])]
    spent = [0] * len(state.get("Retry", []))
    while True:
        done.append(state["Resource"].split(":")[-1])
        try:
            return work(filled(state["Parameters"], data)), None
        except TaskFailed as failure:
            row = next((i for i, r in enumerate(state.get("Retry", [])) if names_match(r["ErrorEquals"], failure.name)), None)
            if row is not None and spent[row] < state["Retry"][row].get("MaxAttempts", 3):
                spent[row] += 1
                continue
            caught = next((c for c in state.get("Catch", []) if names_match(c["ErrorEquals"], failure.name)), None)
            if caught is None:
                raise
            assert caught.get("ResultPath", "$") is None, "only Catch without a result is known"
            return None, caught["Next"]


def run(definition, event, tasks):
    """The calls it made, in order, by the last word of their resource."""
    name, data, done = definition["StartAt"], event, []
    for _ in range(50):
        state = definition["States"][name]
        following = state.get("Next")
        if state["Type"] == "Succeed":
            return done
        if state["Type"] == "Choice":
            following = next((c["Next"] for c in state["Choices"] if holds(c, data)), state["Default"])
        elif state["Type"] == "Pass":
            result = at(state["InputPath"], data) if "InputPath" in state else state.get("Result", data)
            if "Parameters" in state:
                result = filled(state["Parameters"], data)
            data = put(state.get("ResultPath", "$"), result, data)
        elif state["Type"] == "Task":
            result, elsewhere = task(state, data, tasks, done)
            if elsewhere is None:
                data = put(state.get("ResultPath", "$"), result, data)
            following = elsewhere or following
        else:
            raise AssertionError(f"unknown type {state['Type']}")
        if state.get("End") and following is None:
            return done
        name = following
    raise AssertionError("it goes round in circles")
