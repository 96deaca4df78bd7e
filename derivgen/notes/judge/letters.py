"""What the letters of a question are, depend on and run over, as one asks before an equality is refuted."""

from __future__ import annotations

from derivgen.notes.meaning.question import Question
from derivgen.notes.meaning.scope import Scope
from derivgen.notes.meaning.trees import Name, base_of, derivatives, is_letter, name_of, names, unwrapped
from derivgen.read.latex.dots import same
from derivgen.read.surface import (
    Binder,
    Called,
    Derivative,
    Differential,
    Grid,
    Letter,
    Nabla,
    Primed,
    Product,
    Raised,
    Scripted,
    Surface,
    walk,
)


def unsaid_functions(question: Question, s: Surface) -> set[Name]:
    """Functions that nothing says anything of."""
    found: set[Name] = set()
    todo, met = [s], set[Name]()
    declarations = question.scope.declared
    declared = {*declarations.functions, *declarations.user_functions}
    while todo:
        here = todo.pop()
        for part in walk(here):
            if isinstance(part, Called):
                primed = isinstance(part.head, Primed)
                name = base_of(part.head.base if isinstance(part.head, Primed) else part.head)
                if primed and name is not None and name[0] in declarations.glossary.by_name:
                    continue
                if name is not None and name[0] not in (*declared, "1") and name not in question.needed:
                    found.add(name)
            known = name_of(part)
            if known is not None and known in question.needed and known not in met:
                met.add(known)
                todo.append(question.needed[known][1])
    return found


def unread_in(question: Question, *sides: Surface) -> dict[Name, bool]:
    """The letters in sides, and in all that these stand for, of which the meaning is not read.

    Each with whether it stands there for what it is; else it is only differentiated, or differentiated by, as a bare letter.
    A letter that is a length stands for any.
    """
    unread = {**question.scope.unread, **question.unread}
    found: dict[Name, bool] = {}
    todo, met = list(sides) if unread else [], set[Name]()
    lengths: set[Name] = set()
    while todo:
        here = todo.pop()
        bare = {id(s) for pair in derivatives(here) for s in pair if is_letter(s)}
        lengths |= {n for p in walk(here) if isinstance(p, Binder) for _, n in names(p.length)}
        for part, name in names(here):
            both = {name, base_of(part)} - {None}
            for n in both:
                if n in unread:
                    found[n] = found.get(n, False) or id(part) not in bare
            defined = [n for n in both if n in question.needed and n not in met]
            met.update(defined)
            todo += [question.needed[n][1] for n in defined]
    sizes = {*question.scope.declared.sizes}
    return {n: whole for n, whole in found.items() if n not in lengths and n[0] not in sizes}


def is_told(question: Question, rate: Surface, value: Surface) -> bool:
    """Whether a side is a derivative and the other holds none of what is not defined: what that is may be told so.

    So dR/dt = AR is an equation to solve, and ∇J(w) = 2w says what the gradient of J is.
    """
    if not isinstance(unwrapped(rate), Derivative | Nabla):
        return False
    todo, met = [value], set[Name]()
    while todo:
        here = todo.pop()
        for part in walk(here):
            match part:
                case Derivative(_, body) | Nabla(_, body):
                    of = unwrapped(body) if body is not None else None
                    if of is None or (is_letter(of) and name_of(of) not in question.needed):
                        return False
                    if unsaid_functions(question, of):
                        return False
                case Primed():
                    return False
                case _:
                    pass
            known = name_of(part)
            if known is not None and known in question.needed and known not in met:
                met.add(known)
                todo.append(question.needed[known][1])
    return True


def is_turn(exponent: Surface) -> bool:
    """Whether it is the T by which a matrix is transposed."""
    return isinstance(exponent, Letter) and exponent.stem == "T"


def letters_of(question: Question, s: Surface) -> set[Name]:
    """The letters that a side is made of, definitions put in; not its indices, nor how far they run."""
    found: set[Name] = set()
    running: set[Name] = set()
    places = dict(question.places)
    todo = [s]
    met: set[Name] = set()
    while todo:
        here = todo.pop()
        for part in walk(here):
            if isinstance(part, Binder):
                running.add((part.name, False))
                running |= {n for _, n in names(part.length)}
            elif isinstance(part, Scripted) and base_of(part) is None:
                running |= {n for sub in part.subs for _, n in names(sub)}
        turned = {id(p.exponent) for p in walk(here) if isinstance(p, Raised) and is_turn(p.exponent)}
        for part, name in names(here):
            if id(part) in turned:
                continue
            base = base_of(part)
            known = next((n for n in (name, base) if n is not None and n in question.needed), None)
            if name[0] in places and name not in met:
                met.add(name)
                todo.append(places[name[0]])
            elif known is None and name[0] not in places:
                if base is not None and not base[0].isdigit() and base[0] not in ("I", "delta", "e", "pi"):
                    found.add(base)
            elif known is not None and known not in met:
                met.add(known)
                todo.append(question.needed[known][1])
    for part in walk(s):
        if isinstance(part, Called):
            head = part.head.base if isinstance(part.head, Primed) else part.head
            base = base_of(head)
            if base is not None:
                found.discard(base)
    return found - running


def is_partial(question: Question, body: Surface, by: Surface) -> bool:
    """Whether a letter depends on another both at once and through something else, so that ∂ may mean two things."""
    name, variable = question.known(body), question.known(by)
    if name is None or variable is None:
        return False
    entry = question.needed.get(name)
    # u_1 in x u_1 may be held; in what has no brackets nothing is written out
    called = entry is None or "(" in entry[0].latex
    below = {w for w in question.below(name) if w == variable or not (called and _is_function(question, w))}
    return variable in below and any(w != variable and question.reaches(w, variable) for w in below)


def _is_function(question: Question, name: Name) -> bool:
    """Whether a name is defined as a function of what stands in its brackets, so that it is written out with that: L(w)."""
    return name in question.needed and bool(question.needed[name][0].params)


def moving(question: Question, s: Surface) -> set[Name | None]:
    """The letters, defined ones left out, of which a side has the differential."""
    found = {
        question.known(unwrapped(p.body))
        for p in walk(s)
        if isinstance(p, Differential) and is_letter(unwrapped(p.body))
    }
    if any(isinstance(p, Differential) and not is_letter(unwrapped(p.body)) for p in walk(s)):
        return set()  # a differential of an expression may have them all
    return {name for name in found if name not in question.needed}


def is_within(question: Question, name: Name, side: Surface) -> bool:
    """Whether a letter stands in an expression that is differentiated."""
    return any(
        not is_letter(body) and any(name in (n, base_of(part)) for part, n in names(body))
        for body, _ in derivatives(side)
    ) or any(
        isinstance(p, Differential) and any(name in (n, base_of(part)) for part, n in names(p.body)) for p in walk(side)
    )


def is_unknown(question: Question, s: Surface) -> bool:
    """Whether a bare letter is differentiated of which nothing is known; of an entry of a declared array it is, by another."""
    for body, by in derivatives(s):
        if is_letter(body) and not same(body, by) and not _is_of_one_array(question, body, by):
            name = question.known(body)
            if name is not None and name not in question.needed and name not in question.edges:
                return True
    return False


def _is_of_one_array(question: Question, one: Surface, other: Surface) -> bool:
    """Whether both are entries of one array that is declared."""
    base = base_of(one)
    symbol = question.scope.declared.symbols.get(base[0]) if base is not None and base == base_of(other) else None
    return symbol is not None and symbol.space.rank > 0 and isinstance(one, Scripted) and isinstance(other, Scripted)


def letters_at(scope: Scope) -> tuple[str, ...]:
    """Letters that are explained at a place, as LaTeX."""
    said = [rf"\mathbf{{{name}}}" if bold else name for name, bold in scope.said if len(name) == 1]
    return (*said, *(name for name in scope.declared.names if len(name) == 1))


def is_column(question: Question, s: Surface) -> bool:
    """Whether a side is a letter that is said to be a vector, or is a small one in bold, or ends in a column written out."""
    if isinstance(s, Product) and isinstance(last := unwrapped(s.factors[-1]), Grid):
        return len(last.rows) > 1 and all(len(row) == 1 for row in last.rows)
    base = base_of(s) if is_letter(s) and not isinstance(s, Scripted) else None
    return base is not None and (question.scope.said.get(base) == {1: 0} or (base[1] and base[0].islower()))


def is_sure(question: Question) -> bool:
    """Whether the kind of every letter is certain: declared, said, or set in bold."""
    binders = [p for tree in question.trees() for p in walk(tree) if isinstance(p, Binder)]
    running = {b.name for b in binders} | {n for b in binders for _, (n, _) in names(b.length)}
    for tree in question.trees():
        for part in walk(tree):
            if isinstance(part, Scripted) and base_of(part) is None:
                running |= {n for sub in part.subs for _, (n, _) in names(sub)}
    for tree in question.trees():
        for part, name in names(tree):
            base = base_of(part)
            if name[0] in running:
                continue
            known = {n for n in (name, base) if n is not None}
            declared = any(
                n[0] in question.scope.declared.names or len(question.scope.said.get(n, "")) == 1 for n in known
            )
            if not (declared or known & question.needed.keys() or (base is not None and base[1])):
                head = base[0] if base is not None else ""
                if head not in ("1", "0", "I") and len(head) == 1 and not head.isdigit():
                    return False
    return True


def is_total(question: Question, one: set[Name | None], other: set[Name | None]) -> bool:
    """Whether all that changes on one side alone is made of what changes on the other: df beside dX, where f is of X."""
    return all(
        name is not None
        and any(
            m is not None and (question.reaches(name, m) or question.reaches(m, name)) for m in one ^ other if m != name
        )
        for name in one ^ other
    )
