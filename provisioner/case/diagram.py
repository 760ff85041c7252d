"""The state picture and the table of states, drawn from the plan. README.md beside this file contains both; a test holds them together.

Pure like the rest of the room: pages come and go as text, whoever has the file reads and writes it.
"""

from collections.abc import Iterable

from provisioner.case.model import CaseKind, Exit, State
from provisioner.case.needs import Need
from provisioner.case.plan import ALL, EXIT_TO, PLAN, Way

_SHORT = {CaseKind.MOVE_ONLY: "M", CaseKind.PROVIDER_CHANGE_ONLY: "P", CaseKind.MOVE_AND_PROVIDER_CHANGE: "MP"}


def _kinds(way: Way) -> str:
    return "" if way.kinds == ALL else " [" + ", ".join(_SHORT[kind] for kind in CaseKind if kind in way.kinds) + "]"


def _label(way: Way) -> str:
    if way.aside:
        return ", ".join(need.name for need in way.needs) + _kinds(way)
    return (way.needs[-1].name if len(way.needs) == 1 else f"{len(way.needs)} needs") + _kinds(way)


def _called(state: State) -> str:
    number = PLAN[state].number
    return state.value if number == "x" else number


def offered_in(exit: Exit) -> list[State]:
    """The states whose rule offers this exit; a hold offers what the state it holds does."""
    return [state for state, rule in PLAN.items() if exit in rule.exits and state is not State.ON_HOLD]


def mermaid() -> str:
    """The picture as Mermaid text: ways on, ways aside, and for each exit the states that offer it, by number."""
    lines = ["stateDiagram-v2", "    [*] --> DRAFT"]
    for state, rule in PLAN.items():
        lines.append(f'    {state}: {rule.number} {state}' if rule.number != "x" else f"    {state}")
        lines += [f"    {state} --> {way.to}: {_label(way)}" for way in rule.ways]
        if not rule.ways and not rule.exits:
            lines.append(f"    {state} --> [*]")
    for exit, to in EXIT_TO.items():
        lines.append(f'    state "{" ".join(_called(state) for state in offered_in(exit))}" as from_{exit}')
        lines.append(f"    from_{exit} --> {to}: {exit}")
    lines.append("    ON_HOLD --> from_HOLD: resumed, where it was held")
    return "\n".join(lines)


def _who(needs: Iterable[Need]) -> str:
    who = {"daemon" if need.by_daemon else "person" for need in needs}
    return " and ".join(sorted(who)) or "-"


def _effects(needs: Iterable[Need]) -> str:
    return ", ".join(need.name for need in needs if need.asks is not None) or "-"


def table() -> str:
    """One row a way: state, number, where to, needs, those of them that the daemon asks for, exits, who acts."""
    rows = ["| state | nr | to | needs | asked of camera or alarm centre | exits | who |", "|---|---|---|---|---|---|---|"]
    for state, rule in PLAN.items():
        exits = ", ".join(exit for exit in Exit if exit in rule.exits) or "-"
        if state is State.ON_HOLD:
            exits = "those of the state it was held in"
        for place, way in enumerate(rule.ways):
            needs = ", ".join(need.name for need in way.needs)
            to = ("aside: " if way.aside else "") + way.to.value + _kinds(way)
            first = (state.value, rule.number, exits) if place == 0 else ("", "", "")
            rows.append(f"| {first[0]} | {first[1]} | {to} | {needs} | {_effects(way.needs)} | {first[2]} | {_who(way.needs)} |")
        if not rule.ways:
            rows.append(f"| {state} | {rule.number} | {'-' if rule.exits else 'final'} | - | - | {exits} | {'person' if rule.exits else '-'} |")
    return "\n".join(rows)


def _parts() -> dict[str, str]:
    return {"picture": f"```mermaid\n{mermaid()}\n```", "table": table()}


def drawn_into(page: str) -> str:
    """The page with picture and table as they are now, between their markers."""
    for name, text in _parts().items():
        start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        head, _, rest = page.partition(start)
        _, _, tail = rest.partition(end)
        page = f"{head}{start}\n{text}\n{end}{tail}"
    return page


def stale(page: str) -> bool:
    """Whether the page shows another plan than the program follows."""
    return drawn_into(page) != page
