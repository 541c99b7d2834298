"""The app's functions: what its manifest says that a workflow can have it do, and what goes in and out.

Shape: https://docs.slack.dev/workflows/workflow-steps
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playground.entities import Json
from playground.errors import SlackError

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "slack#/types/user_id": (str,),
    "slack#/types/channel_id": (str,),
    "slack#/types/timestamp": (int,),
}


@dataclass(frozen=True)
class Parameter:
    """One thing that goes in or comes out."""

    type: str
    title: str
    description: str = ""
    is_required: bool = False

    def fits(self, value: Any) -> bool:
        return isinstance(value, _TYPES[self.type]) and (self.type == "boolean" or not isinstance(value, bool))


@dataclass(frozen=True)
class Function:
    """One function, its parameters by name."""

    title: str
    description: str
    inputs: Mapping[str, Parameter]
    outputs: Mapping[str, Parameter]


def functions_of(manifest: Json) -> dict[str, Function]:
    """Read the functions of an app manifest, by callback_id.

    Raises:
        SlackError: invalid_manifest, they are not what Slack takes.
    """
    described = manifest.get("functions", {})
    settings = manifest.get("settings", {})
    # A function that Slack does not run itself belongs to an app that is ready for organisations.
    if described and not (settings.get("org_deploy_enabled") and settings.get("function_runtime") == "remote"):
        raise SlackError(
            "invalid_manifest", messages=["functions need org_deploy_enabled and function_runtime: remote"]
        )
    return {callback_id: _function(one) for callback_id, one in described.items()}


def _function(entry: Json) -> Function:
    inputs, outputs = (
        {name: _parameter(name, one) for name, one in entry[side].items()}
        for side in ("input_parameters", "output_parameters")
    )
    return Function(str(entry["title"]), str(entry.get("description", "")), inputs, outputs)


def _parameter(name: str, entry: Json) -> Parameter:
    if entry["type"] not in _TYPES or entry.get("name", name) != name:
        raise SlackError("invalid_manifest", messages=[f"parameter {name}: {entry['type']}"])
    return Parameter(
        entry["type"], str(entry["title"]), str(entry.get("description", "")), bool(entry.get("is_required"))
    )


def check_values(parameters: Mapping[str, Parameter], values: Mapping[str, Any]) -> None:
    """Refuse values that do not fit their parameters.

    Raises:
        SlackError: parameter_validation_failed.
    """
    problems = [f"unknown parameter: {name}" for name in values if name not in parameters]
    problems += [
        f"missing required parameter: {name}"
        for name, parameter in parameters.items()
        if parameter.is_required and values.get(name) is None
    ]
    problems += [
        f"must be {parameters[name].type}: {name}"
        for name, value in values.items()
        if name in parameters and value is not None and not parameters[name].fits(value)
    ]
    if problems:
        raise SlackError("parameter_validation_failed", messages=problems)


def parameters_json(parameters: Mapping[str, Parameter]) -> list[Json]:
    """Give the parameters as the event of an execution lists them."""
    return [
        {
            "type": parameter.type,
            "name": name,
            "title": parameter.title,
            "description": parameter.description,
            "is_required": parameter.is_required,
        }
        for name, parameter in parameters.items()
    ]
