"""Letters that stand side by side: those that spell a word without a backslash, and words in bold that are letters."""

from __future__ import annotations

from collections.abc import Iterator

from derivgen.catalog.letters import Spelling
from derivgen.read.latex import commands as words
from derivgen.read.latex.names import Lexicon
from derivgen.read.latex.tape import Token

_SHORT = frozenset({"tr", "Tr", "ln"})
"""Words of two letters, which are read before parentheses only."""

LONG = 6
"""How many small letters side by side are a word, though nothing says that they are: activation."""

_VECTORS = frozenset("auvwxyz")
"""Letters of vectors, of which two in bold spell no word: \\mathbf{wx}_i."""

_OPENING = frozenset({"opening", "left"})


def with_words(tokens: list[Token], lexicon: Lexicon) -> list[Token]:
    r"""The tokens with tr(A), log x and {\rm tr} as words, and \mathbf{XX} as two letters."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.value == "Σ" and token.kind == "letter" and _is_sum(tokens, at):
            token = token._replace(kind="command", value="sum")
        if token.kind == "letter" and token.font == "bold" and _are_letters(token.value, lexicon):
            found += _apart(token)
            at += 1
            continue
        end = _run(tokens, at) if token.kind == "letter" else at
        if end - at < 2 or (found and found[-1].kind == "script"):
            found.append(token)
            at += 1
            continue
        start = _word(tokens, at, end, lexicon)
        found += tokens[at:start]
        if start < end:
            word = _joined(tokens[start:end], lexicon)
            if found and found[-1].kind == "open" and tokens[end].kind == "close" and word.value in _functions(lexicon):
                found.pop()  # {\rm tr} A
                end += 1
            found.append(word)
        at = end
    return found


def _is_sum(tokens: list[Token], at: int) -> bool:
    r"""Whether a letter Σ has the limits of a sum, \Sigma_{i=1}^n, which no name has."""
    if [t.value for t in tokens[at + 1 : at + 3]] != ["_", "{"] or tokens[at].font == "bold":
        return False
    inside = tokens[at + 3 : at + 6]
    return len(inside) == 3 and [t.kind for t in inside] == ["letter", "relation", "digit"] and inside[1].value == "="


def _run(tokens: list[Token], at: int) -> int:
    """Where letters end that touch each other and are set alike, none of them in bold."""
    first = tokens[at]
    if first.kind != "letter" or first.font not in ("", "upright"):
        return at
    end = at
    while (
        (token := tokens[end]).kind == "letter"
        and token.font == first.font
        and len(token.value) == 1
        and token.value.isascii()
        and token.value.isalpha()
        and token.end == token.start + 1
        and (end == at or token.start == tokens[end - 1].end)
    ) or (_is_underscore(token) and end > at and token.start == tokens[end - 1].end):
        end += 1
    return end - _is_underscore(tokens[end - 1])


def _is_underscore(token: Token) -> bool:
    r"""Whether a token is the sign between the words of a name: output\_length."""
    return token.kind == "letter" and token.value == "_"


def _joined(run: list[Token], lexicon: Lexicon) -> Token:
    word = "".join(t.value for t in run if not _is_underscore(t))
    for known in (word, word.lower()):
        if known in _functions(lexicon) or known in words.UNREAD:
            word = known
            break
    return run[0]._replace(value=word, font="upright", end=run[-1].end)


def _word(tokens: list[Token], at: int, end: int, lexicon: Lexicon) -> int:
    """Where the word begins with which a run of letters ends; ``end`` where there is none."""
    run = "".join(t.value for t in tokens[at:end])
    after = tokens[end]
    called = after.kind in _OPENING
    if lexicon.find(Spelling(run)) is not None:
        return at
    if run in lexicon.spelled and run.islower():
        return end if all(map(lexicon.knows, run)) else at  # letters that are all declared are a product
    if run.startswith("d") and run[1:] in lexicon.spelled and not lexicon.knows("d"):
        return at + 1
    if tokens[at].font == "upright" or run in lexicon.spelled or any(map(_is_underscore, tokens[at:end])):
        return at
    if called and len(run) > 3 and not any(map(lexicon.knows, run)) and not run[-1:].isupper():
        return next(_suffixes(run, at, lexicon), at) if run not in words.UNREAD else at
    if len(run) >= LONG and run.islower() and not any(map(lexicon.knows, run)):
        return at
    if not called and after.kind != "script" and not (after.spaced and after.kind in ("letter", "command", "open")):
        return end
    if run.lower() in _functions(lexicon) or run in words.UNREAD:
        return end if all(map(lexicon.knows, run)) or (run in _SHORT and not called) else at
    return next(_suffixes(run, at, lexicon), end)


def _suffixes(run: str, at: int, lexicon: Lexicon) -> Iterator[int]:
    """Where known words begin with which the run ends, after at most two other letters."""
    for k in range(min(3, len(run) - 1)):
        word = run[k:]
        known = word in _functions(lexicon) or word in words.UNREAD
        if known and (len(word) > 2 or word in _SHORT) and not all(map(lexicon.knows, word)):
            yield at + k


def _are_letters(stem: str, lexicon: Lexicon) -> bool:
    """Whether a word in bold is letters side by side."""
    if len(stem) < 2 or not stem.isalpha() or lexicon.find(Spelling(stem)) is not None:
        return False
    return (
        stem.isupper()
        or len(set(stem)) == 1
        or (len(stem) < 4 and stem[0].isupper())
        or (len(stem) == 2 and set(stem) <= _VECTORS)
        or all(map(lexicon.knows, stem))
    )


def _apart(token: Token) -> Iterator[Token]:
    last = token.end - 1  # \mathbf{XX}: the letters stand before the brace
    for k, letter in enumerate(token.value):
        start = token.start if not k else last - len(token.value) + k
        yield token._replace(value=letter, start=start, end=start + 1 if k else last - len(token.value) + 1)


def _functions(lexicon: Lexicon) -> dict[str, str]:
    return words.words_of(lexicon.declarations.glossary).functions
