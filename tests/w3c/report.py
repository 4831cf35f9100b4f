"""`python -m tests.w3c.report`: run the W3C's tests and write docs/conformance.md, or say where the table is wrong."""

import sys


def main() -> int:
    """Run, compare with not_passed.toml, write the page; gives the exit code."""
    # Here, for the workers that the run starts import this module again, and need nothing of it.
    from tests.w3c import document
    from tests.w3c.judgement import known
    from tests.w3c.manifest import absence

    if absence():
        print(absence(), file=sys.stderr)
        return 2
    outcomes = document.run(lambda line: print(line[:300], file=sys.stderr))
    wrong = document.differences(outcomes, known())
    if wrong:
        print("\n".join(["docs/conformance.md is not written:", *wrong]), file=sys.stderr)
        return 1
    document.PAGE.write_text(document.page(outcomes), encoding="utf-8")
    print(document.PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
