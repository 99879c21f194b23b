"""A drawing of dots, eight to a character: Braille cells of two columns and four rows, or plain letters."""

from __future__ import annotations

from dataclasses import dataclass, field

DOTS_ACROSS, DOTS_DOWN = 2, 4
_BRAILLE = 0x2800
# Of the dot at (column, row) in a cell.
_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


@dataclass
class Canvas:
    """columns, rows: in characters. Dots count from the top left; those outside are let go.

    is_ascii: a cell shows the letter of the last line that passes it, not its dots.
    """

    columns: int
    rows: int
    is_ascii: bool = False
    _dots: dict[tuple[int, int], int] = field(default_factory=dict)
    _letters: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """In dots."""
        return self.columns * DOTS_ACROSS

    @property
    def height(self) -> int:
        """In dots."""
        return self.rows * DOTS_DOWN

    def dot(self, x: float, y: float, letter: str) -> None:
        """Set the dot nearest to a place given in dots."""
        column, row = round(x), round(y)
        if not (0 <= column < self.width and 0 <= row < self.height):
            return
        cell = (column // DOTS_ACROSS, row // DOTS_DOWN)
        self._dots[cell] = self._dots.get(cell, 0) | _BITS[column % DOTS_ACROSS][row % DOTS_DOWN]
        if self.is_ascii:
            self._letters[cell] = letter

    def line(
        self, start: tuple[float, float], end: tuple[float, float], letter: str, *, on: int = 1, off: int = 0
    ) -> None:
        """A straight line, `on` dots drawn and `off` left out by turns."""
        across, down = end[0] - start[0], end[1] - start[1]
        steps = max(1, round(max(abs(across), abs(down))))
        for step in range(steps + 1):
            x, y = start[0] + across * step / steps, start[1] + down * step / steps
            # By place and not by step, so that the pattern goes on over the corners of a curve.
            if off == 0 or (round(x) + round(y)) % (on + off) < on:
                self.dot(x, y, letter)

    def mark(self, x: float, y: float, letter: str) -> bool:
        """Write a letter over the cell of a place, unless one stands there; whether it was written."""
        cell = (round(x) // DOTS_ACROSS, round(y) // DOTS_DOWN)
        inside = 0 <= cell[0] < self.columns and 0 <= cell[1] < self.rows
        if not inside or cell in self._letters:
            return False
        self._letters[cell] = letter
        return True

    def lines(self) -> list[str]:
        """The drawing, a text a row."""
        return ["".join(self._shown((column, row)) for column in range(self.columns)) for row in range(self.rows)]

    def _shown(self, cell: tuple[int, int]) -> str:
        if cell in self._letters:
            return self._letters[cell]
        bits = self._dots.get(cell, 0)
        return chr(_BRAILLE + bits) if bits else " "
