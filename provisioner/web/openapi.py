"""The bodies of the HTTP face as closed models, and the OpenAPI 3.1 document made from them."""

from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from provisioner import __version__
from provisioner.intake import HOST_PATTERN
from provisioner.notices import ROLES

PURPOSES = ("view_check", "sign_place")
"""What a picture of a home may be looked at for (D10)."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProvisionRequest(_Closed):
    """The technician on site: label just scanned, nobody in view or the person agrees. `host` and `port` say where the camera is reached."""

    by: str = Field(min_length=1, max_length=64, description="opaque reference of the technician")
    scanned: str = Field(min_length=1, max_length=80, description="what the label said")
    nobody_in_view_or_agrees: bool
    scanned_at: AwareDatetime | None = Field(default=None, description="when the label was scanned; left out: now")
    typed_reason: str = Field(default="", max_length=400)
    host: str | None = Field(default=None, pattern=HOST_PATTERN, description="name or address of the camera")
    port: int | None = Field(default=None, ge=1, le=65535)
    seen_revision: int | None = Field(default=None, ge=0)


class SayRequest(_Closed):
    """What a person did, by the names of `provisioner case say`."""

    by: str = Field(min_length=1, max_length=64)
    role: str = Field(default="technician", max_length=20)
    what: str = Field(max_length=40)
    fields: dict[str, Any] = Field(default_factory=dict)
    seen_revision: int | None = Field(default=None, ge=0)
    said_at: AwareDatetime | None = Field(default=None, description="when it was said, where it waited for coverage; left out: now")
    op_id: str | None = Field(default=None, max_length=64, description="said again with the same op_id, it is taken once")


class Problem(_Closed):
    """RFC 9457, `application/problem+json`; `detail` is the sentence with the way out, `code` the same word as on the command line."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str = ""


class FieldError(_Closed):
    """One field of a form that was not taken, and its sentence."""

    field: str
    detail: str


class NoticeProblem(Problem):
    """As `Problem`, with all that is wrong with the form."""

    errors: tuple[FieldError, ...] = ()


class NoticeReceipt(_Closed):
    """What became of a form. `pairing`: opened, paired, answered, repeated. `questions`: what its own unit still has to answer, and no other's (D20).
    `notes`: taken, but worth a look, such as a date that has passed."""

    case_id: str
    case_number: str
    state: str
    pairing: str
    questions: tuple[str, ...]
    notes: tuple[str, ...]


class CaseView(BaseModel):
    """A case as it stands (`provisioner/view.py`)."""

    model_config = ConfigDict(extra="allow")

    case_id: str
    case_number: str
    case_kind: str
    state: str
    revision: int
    next_action: str


def document() -> dict[str, Any]:
    """The OpenAPI document of what this version answers."""
    models = (ProvisionRequest, SayRequest, Problem, CaseView, NoticeReceipt, NoticeProblem, *ROLES.values())
    _, schemas = models_json_schema([(model, "validation") for model in models], ref_template="#/components/schemas/{model}")
    case_id = {"name": "case_id", "in": "path", "required": True, "schema": {"type": "string"}, "description": "case id, case number or unique prefix"}
    purpose = {"name": "purpose", "in": "query", "required": False, "schema": {"enum": list(PURPOSES)}, "description": "what it is looked at for; is logged"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "provisioner", "version": __version__, "description": "Trigger and view of cases, on loopback, with a bearer token."},
        "security": [{"token": []}],
        "paths": {
            "/api/v1/health": {"get": {"summary": "Whether the daemon can write its database", "security": [], "responses": {
                "200": {"description": "it can"}, "503": {"description": "it cannot now; inputs are kept and taken again"}}}},
            "/api/v1/cases/{case_id}": {"get": _operation("The case as it stands", None, 200, [case_id])},
            "/api/v1/cases/{case_id}/preview": {"get": _picture("The drawing of the last check of the view, for two minutes after it", [case_id, purpose])},
            "/api/v1/cases/{case_id}/provision": {"post": _operation("Start the check on site", "ProvisionRequest", 202, [case_id])},
            "/api/v1/cases/{case_id}/say": {"post": _operation("Say what a person did", "SayRequest", 200, [case_id])},
            "/api/v1/notices": {"post": _notices()},
        },
        "components": {"schemas": schemas["$defs"], "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _notices() -> dict[str, Any]:
    """A support form comes in."""
    words = {"case": "the case that this form belongs to: a correction, or where the answer 409 asked for a decision", "new": "true: a case of its own"}
    operation = _operation("A support form of one unit; it finds its case by person and camera", None, 201, [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}, "description": text} for name, text in words.items()])
    operation["parameters"].append({"name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 64},
                                    "description": "the same key and form again: the same answer, nothing changed. Without it `form_ref` does the same"})
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/NoticeReceipt"}}}
    operation["responses"]["201"] = {"description": "a case was opened", "content": content}
    operation["responses"]["200"] = {"description": "it went to a case that is there, or was there already", "content": content}
    operation["responses"]["422"]["content"] = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/NoticeProblem"}}}
    names = {role: f"#/components/schemas/{model.__name__}" for role, model in ROLES.items()}
    operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": {
        "oneOf": [{"$ref": name} for name in names.values()], "discriminator": {"propertyName": "role", "mapping": names}}}}}
    return operation


def _picture(summary: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    """As any operation, but for what it answers: a PNG that is kept nowhere."""
    operation = _operation(summary, None, 200, parameters)
    operation["responses"]["200"] = {"description": "the drawing; not to be stored", "content": {"image/png": {}}}
    operation["responses"]["404"]["description"] = "no such case, or no drawing any more"
    return operation


def _operation(summary: str, body: str | None, status: int, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    def content(name: str, media: str = "application/json") -> dict[str, Any]:
        return {"content": {media: {"schema": {"$ref": f"#/components/schemas/{name}"}}}}

    problems = {400: "a text that cannot be stored", 401: "no or a wrong token", 404: "no such case", 409: "refused: what was said may not be now",
                413: "the body is too large", 422: "a field is wrong", 503: "the database is unwell; nothing was changed"}
    operation: dict[str, Any] = {
        "summary": summary, "parameters": parameters,
        "responses": {str(status): {"description": "the case", **content("CaseView")},
                      **{str(code): {"description": text, **content("Problem", "application/problem+json")} for code, text in problems.items()}},
    }
    if body:
        operation["requestBody"] = {"required": True, **content(body)}
    return operation
