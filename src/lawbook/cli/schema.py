"""`lawbook schema`: the form of a claim file, for editors."""

from __future__ import annotations

import click


@click.command("schema")
@click.option("--problem", is_flag=True, help="The schema of an open problem instead of a claim.")
def command(problem: bool) -> None:
    """Print the JSON Schema of a claim file.

    `claims/claim.schema.json` and `claims/problem.schema.json` hold what this prints; editors find them
    through the first line of each claim file.
    """
    from lawbook.registry.json_schema import schema_text
    from lawbook.registry.models import Claim, Problem

    click.echo(schema_text(Problem if problem else Claim), nl=False)
