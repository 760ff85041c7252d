"""Every MQTT topic between the daemon and the alarm centre, in one place. Topics carry version, direction, verb and opaque ids, nothing else."""

PREFIX = "tk/1"
STATUS_DAEMON = f"{PREFIX}/status/daemon"
STATUS_CENTRE = f"{PREFIX}/status/ac"
EVENTS = f"{PREFIX}/event/"
REPLIES = f"{PREFIX}/reply/"
COMMANDS = f"{PREFIX}/cmd/"
_STATE_HEAD, _STATE_TAIL = f"{PREFIX}/binding/", "/state"


def command_topic(verb: str) -> str:
    """Where a command of this verb goes."""
    return COMMANDS + verb


def reply_topic(client_ref: str) -> str:
    """Where the alarm centre answers the client with this MQTT client id."""
    return REPLIES + client_ref


def event_topic(verb: str) -> str:
    """Where an event of this verb comes from."""
    return EVENTS + verb


def state_topic(binding_id: str) -> str:
    """Where the retained state of this binding stands."""
    return f"{_STATE_HEAD}{binding_id}{_STATE_TAIL}"


def binding_of(topic: str) -> str | None:
    """The binding id in a state topic; None where it is not a state topic."""
    if not (topic.startswith(_STATE_HEAD) and topic.endswith(_STATE_TAIL)):
        return None
    return topic[len(_STATE_HEAD):-len(_STATE_TAIL)] or None


def subscriptions(client_ref: str) -> tuple[str, ...]:
    """All that the daemon listens to."""
    return reply_topic(client_ref), event_topic("+"), state_topic("+"), STATUS_CENTRE
