"""What can go wrong on the way to the alarm centre, as faults: one table, so that the same trouble always has the same words."""

from provisioner.fault import Fault, FaultKind, Text

FAILURE = 0x80                  # MQTT 5 section 2.4: reason codes from here on are failures
NO_MATCHING_SUBSCRIBERS = 0x10  # MQTT 5 section 3.4.2.1: the broker took it, and nobody is there to hear it

_NOT_AUTHORISED = (0x86, 0x87, 0x8C)        # bad user name or password, not authorised, bad authentication method
_NOT_NOW = (0x88, 0x89, 0x97, 0x9F)         # server unavailable, server busy, quota exceeded, connection rate exceeded

_ASK_FOR_RIGHTS = Text(
    "Be driften kontrollera mäklarens behörighetslista och lösenord för den här klienten.",
    "Ask operations to check the broker's ACL and the password of this client.")
_ASK_FOR_BROKER = Text(
    "Kontrollera nätet och att mäklaren är i gång. Inget är förlorat; begäran skickas igen när förbindelsen är tillbaka.",
    "Check the network and that the broker runs. Nothing is lost; the request is sent again when the connection is back.")
_CALL_THE_CENTRE = Text(
    "Ring larmcentralen: deras system lyssnar inte eller svarar inte. Ersättningstillsynen gäller så länge.",
    "Call the alarm centre: its system does not listen or does not answer. The fallback stays in force meanwhile.")


def refused_by_broker(what: str, code: int) -> Fault:
    """The broker answered a connect or a publish with a failure code (MQTT 5 section 2.4). It is not the alarm centre that said no."""
    kind = FaultKind.BUSY if code in _NOT_NOW else FaultKind.REFUSED
    if code in _NOT_AUTHORISED:
        return Fault(kind, what, f"the broker answered 0x{code:02X}, not authorised", _ASK_FOR_RIGHTS)
    return Fault(kind, what, f"the broker answered 0x{code:02X}", _ASK_FOR_BROKER)


def no_connection(what: str, evidence: str = "no connection to the broker") -> Fault:
    """The broker is not there."""
    return Fault(FaultKind.UNREACHABLE, what, evidence, _ASK_FOR_BROKER)


def not_listening(what: str, evidence: str) -> Fault:
    """The broker is there, the alarm centre is not."""
    return Fault(FaultKind.UNREACHABLE, what, evidence, _CALL_THE_CENTRE)


def no_answer(what: str, evidence: str) -> Fault:
    """The command was taken and no reply came in time."""
    return Fault(FaultKind.TIMED_OUT, what, evidence, _CALL_THE_CENTRE)


def refused_by_centre(what: str, code: str) -> Fault:
    """The alarm centre rejected a question of ours."""
    return Fault(FaultKind.REFUSED, what, code, _CALL_THE_CENTRE)


def cannot_be_said(what: str, sentence: str) -> Fault:
    """The command is not of the contract, so it was not sent (H6). `sentence` names keys and no values."""
    return Fault(FaultKind.REFUSED, what, sentence, Text(
        "Begäran skickades inte. Rätta uppgiften i ärendet; bara neutrala referenser får lämna huset.",
        "The request was not sent. Correct the reference in the case; only opaque references may leave the house."))
