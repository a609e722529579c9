"""Numbers as people read them: grouped digits, units, times."""

from __future__ import annotations

import math
import re

UNKNOWN = "not known yet"
_MARKS = {"en": ",.", "de": ".,"}  # between groups of digits, and before decimals
_swap: dict[int, int] = {}


def use(language: str) -> None:
    """Write and read numbers as in a language from now on."""
    global _swap
    _swap = str.maketrans(_MARKS["en"], _MARKS.get(language, _MARKS["en"]))


def figures(plain: str) -> str:
    """Python's digits as the language writes them: 1,234.5 becomes 1.234,5 in German."""
    return plain.translate(_swap)


def fixed(value: float, decimals: int, sign: str = "") -> str:
    """With so many decimals and grouped digits; sign: "+" to show it always."""
    return figures(f"{value:{sign},.{decimals}f}")


def rate(bpov: float) -> str:
    """Bits per occupied voxel: 0.3445 bpov."""
    return f"{fixed(bpov, 4)} bpov"


def psnr(value: float | None) -> str:
    """In dB; of None, where nothing differs: ∞."""
    return f"{'∞' if value is None else fixed(value, 2)} dB"


def percent(share: float, decimals: int = 2) -> str:
    """Of a share: 0.0606 becomes 6.06 %."""
    return f"{fixed(100 * share, decimals)} %"


def parsed(words: str) -> float | None:
    """A number as a user types it, or None where there is none. A point is one in every language, unless it
    stands where the language groups digits."""
    group, point = re.escape(figures(",")), re.escape(figures("."))
    plain = words.strip()
    if re.fullmatch(rf"[+-]?\d{{1,3}}({group}\d{{3}})+({point}\d*)?", plain):
        plain = plain.replace(figures(","), "")
    try:
        value = float(plain.replace(figures("."), "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def count(value: float) -> str:
    """Whole number with thin groups: 145,773."""
    return figures(f"{round(value):,}")


def number(value: float, digits: int = 4) -> str:
    """`digits` significant digits, without exponent where it is readable."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    if abs(value) >= 10 ** (digits - 1):
        return figures(f"{value:,.0f}")
    if abs(value) < 1e-4:
        return figures(f"{value:.{digits - 1}e}")
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{decimals}f}"
    return figures(text.rstrip("0").rstrip(".") if "." in text else text)


def size(num_bytes: float) -> str:
    """Bytes with a decimal unit: 12.3 kB."""
    if num_bytes < 1000:
        return f"{round(num_bytes)} B"
    for power, unit in ((3, "kB"), (6, "MB")):
        if num_bytes < 999.95 * 10**power:
            return f"{fixed(num_bytes / 10**power, 1)} {unit}"
    return f"{fixed(num_bytes / 1e9, 1)} GB"


def duration(seconds: float) -> str:
    """'0.4 s', '12 s', '3 min 20 s', '1 h 5 min'."""
    if seconds < 10:
        return f"{fixed(seconds, 1)} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def triple(values: object) -> str:
    """Three numbers with thin spaces: '0, 64, 128'."""
    return ", ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in list(values))  # type: ignore[call-overload]
