"""Cells of maps are kept whole, one line each, and the newest that can be believed counts."""

from __future__ import annotations

from pathlib import Path

from lawbook.evidence.map_cells import MapCell, MapKey, append_cell, cell_digest, map_path, read_maps

KEY = MapKey("some-law", "a-map", "quick", "cpu")


def cell(rate: float, started: str = "2026-01-01T00:00:00Z", **changes: object) -> MapCell:
    content: dict[str, object] = {
        "started": started,
        "at": {"rate": rate},
        "cell": cell_digest({"rate": rate}),
        "outcome": "pass",
        "estimate": 1.0,
        "accept": (0.5, None),
        "seeds": 4,
        "judged": 4,
        "definition": "d",
        "code": "c",
    }
    return MapCell.model_validate(content | changes)


def test_cells_come_back_and_a_later_one_takes_the_place_of_an_earlier(tmp_path: Path) -> None:
    append_cell(tmp_path, KEY, cell(0.1), publish=True)
    append_cell(tmp_path, KEY, cell(0.2), publish=True)
    append_cell(tmp_path, KEY, cell(0.1, "2026-01-02T00:00:00Z", outcome="fail"), publish=True)
    found = read_maps(tmp_path).of("some-law", "a-map", "quick")
    assert [found[cell_digest({"rate": rate})].outcome for rate in (0.1, 0.2)] == ["fail", "pass"]
    assert len((tmp_path / map_path(KEY, publish=True)).read_text().splitlines()) == 3


def test_the_newer_of_two_stores_and_devices_counts_and_the_future_does_not(tmp_path: Path) -> None:
    append_cell(tmp_path, KEY, cell(0.1, estimate=1.0), publish=True)
    append_cell(tmp_path, KEY, cell(0.1, "2026-02-01T00:00:00Z", estimate=2.0), publish=False)
    on_card = KEY._replace(device="h100")
    append_cell(tmp_path, on_card, cell(0.1, "2026-03-01T00:00:00Z", estimate=3.0), publish=True)
    append_cell(tmp_path, on_card, cell(0.1, "2999-01-01T00:00:00Z", estimate=4.0), publish=True)
    (only,) = read_maps(tmp_path).of("some-law", "a-map", "quick").values()
    assert only.estimate == 3.0


def test_half_a_line_is_told_and_spoils_no_other(tmp_path: Path) -> None:
    append_cell(tmp_path, KEY, cell(0.1), publish=True)
    path = tmp_path / map_path(KEY, publish=True)
    path.write_bytes(path.read_bytes() + b'{"started":"2026-01-0')
    append_cell(tmp_path, KEY, cell(0.2), publish=True)
    evidence = read_maps(tmp_path)
    assert len(evidence.of("some-law", "a-map", "quick")) == 2
    (damaged,) = evidence.damaged
    assert "line 2 is no cell of a map" in str(damaged)


def test_files_that_are_no_maps_are_told(tmp_path: Path) -> None:
    append_cell(tmp_path, KEY, cell(0.1), publish=True)
    folder = (tmp_path / map_path(KEY, publish=True)).parent
    (folder / "stray.jsonl").write_text("{}\n")
    (folder / "link.quick.cpu.jsonl").symlink_to(folder / "stray.jsonl")
    told = "\n".join(map(str, read_maps(tmp_path).damaged))
    assert "is not named NAME.TIER.DEVICE.jsonl" in told
    assert "it is a link" in told or "cannot be read" in told


def test_cells_from_the_future_and_behind_a_link_are_told_and_do_not_count(tmp_path: Path) -> None:
    append_cell(tmp_path, KEY, cell(0.1, "2999-01-01T00:00:00Z"), publish=True)
    append_cell(tmp_path, KEY._replace(entry="other-law"), cell(0.1), publish=True)
    folder = (tmp_path / map_path(KEY._replace(entry="other-law"), publish=True)).parent
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    evidence = read_maps(tmp_path)
    assert not evidence.of("some-law", "a-map", "quick")
    assert not evidence.of("other-law", "a-map", "quick")
    told = "\n".join(map(str, evidence.damaged))
    assert "is dated 2999-01-01T00:00:00Z, which is still to come" in told
    assert "other-law/maps: is a link" in told
