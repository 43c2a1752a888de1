"""Check the project's files: ``.venv/bin/python dev/lint.py [--fix] [check ...]``.

Runs the named checks, else all of them, to the end and tells which of them failed.
With ``--fix`` it corrects what the tools can correct by themselves. Called by
``make lint`` and ``make format``.
"""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import get_odoo
import set_up
import template_databases

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
NODE_MODULES = ROOT / "node_modules"
OLDEST_NODE = (20, 9)
WEB_FILES = [f"{folder}/**/*.{{js,xml,scss}}" for folder in ("addons", "tests/addons")]
# The checks that Odoo adds to pylint for its own code.
STOCK_CHECKERS = [
    "_odoo_checker_sql_injection",
    "_odoo_checker_gettext",
    "_odoo_checker_unlink_override",
]
STOCK_MESSAGES = [
    "sql-injection",
    "missing-gettext",
    "gettext-variable",
    "gettext-placeholders",
    "gettext-repr",
    "raise-unlink-override",
]


class LintError(Exception):
    """A check could not be run; the message says why."""


def check_ruff(fix):
    return run(BIN / "ruff", "check", "--quiet", *(["--fix"] if fix else []))


def check_format(fix):
    return run(BIN / "ruff", "format", "--quiet", *([] if fix else ["--diff"]))


def check_pylint(_fix):
    return run(BIN / "pylint", "--rcfile=pyproject.toml", *addons())


def check_stock_pylint(_fix):
    [folder] = stock_addon_folders("test_lint")
    return run(
        BIN / "pylint",
        f"--rcfile={os.devnull}",
        "--score=n",
        # Comments in the code that speak to pylint-odoo are unknown here.
        "--disable=all,unknown-option-value",
        f"--enable={','.join(STOCK_MESSAGES)}",
        f"--load-plugins={','.join(STOCK_CHECKERS)}",
        *addons(),
        PYTHONPATH=str(folder / "tests"),
    )


def check_prettier(fix):
    return run_node(
        "prettier",
        "--write" if fix else "--check",
        "--log-level=warn",
        "--no-error-on-unmatched-pattern",
    )


def check_eslint(fix):
    if not any(ROOT.glob("addons/*/static/**/*.js")):
        return True
    scripts = [str(path.relative_to(ROOT)) for path in own_scripts()]
    return run_node("eslint", *(["--fix"] if fix else []), files=scripts)


def check_stock_tests(_fix):
    return run(sys.executable, "dev/stock_lint.py")


CHECKS = {
    "ruff": check_ruff,
    "format": check_format,
    "pylint": check_pylint,
    "stock-pylint": check_stock_pylint,
    "prettier": check_prettier,
    "eslint": check_eslint,
    "stock-tests": check_stock_tests,
}
# It waits for Odoo to install the addons: minutes in which the others are done.
BESIDE = ("stock-tests",)
FIXING = ("format", "ruff", "prettier", "eslint")


def addons():
    return [
        str(folder.relative_to(ROOT))
        for folder in template_databases.own_addons().values()
    ]


def own_scripts():
    return sorted(
        path
        for addon in template_databases.own_addons().values()
        for path in (addon / "static").rglob("*.js")
        if "lib" not in path.parts
    )


def stock_addon_folders(name):
    folders = get_odoo.addons_folders(get_odoo.get_odoo())
    return [folder / name for folder in folders if (folder / name).is_dir()]


def run(*command, **environment):
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment})
    return not done.returncode


def run_node(tool, *options, files=WEB_FILES):
    node = find_node()
    install_node_modules(node)
    script = {"prettier": "bin/prettier.cjs", "eslint": "bin/eslint.js"}[tool]
    return run(node, NODE_MODULES / tool / script, *options, *files)


def find_node():
    """Return the path of Node.js, fetching it from PyPI if the machine has none."""
    for path in (shutil.which("node"), BIN / "node"):
        if path and is_recent(path):
            return Path(path)
    requirements = ROOT / "dev" / "node-requirements.txt"
    install_command = [sys.executable, "-m", "pip", "install", "-q", "-r", requirements]
    done = subprocess.run(install_command, capture_output=True, text=True)
    if done.returncode:
        raise LintError(f"Node.js could not be installed:\n{done.stderr[-2000:]}")
    return BIN / "node"


def is_recent(node):
    if not (Path(node).is_file() and Path(node).with_name("npm").exists()):
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    return tuple(map(int, version.lstrip("v").split(".")[:2])) >= OLDEST_NODE


def install_node_modules(node):
    """Install what package-lock.json names, unless it is there."""
    stamp = NODE_MODULES / ".installed"
    digest = sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == digest:
        return
    print("Installing prettier and eslint ...", flush=True)
    path = f"{node.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [node.with_name("npm"), "ci", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise LintError(f"npm could not install the tools:\n{done.stderr[-2000:]}")
    stamp.write_text(digest)


def run_checks(names, fix):
    """Run some checks one after the other; return the names of those that failed."""
    failed = []
    for name in names:
        start = time.monotonic()
        passed = CHECKS[name](fix)
        seconds = time.monotonic() - start
        print(
            f"{'ok    ' if passed else 'FAILED'} {name} ({seconds:.1f} s)", flush=True
        )
        failed += [] if passed else [name]
    return failed


def main(arguments):
    fix = "--fix" in arguments
    names = [name for name in arguments if name != "--fix"]
    names = names or list(FIXING if fix else CHECKS)
    if unknown := set(names) - set(CHECKS):
        sys.exit(f"Lint: no check {', '.join(unknown)}; there are {', '.join(CHECKS)}.")
    beside = [name for name in names if name in BESIDE]
    others = [name for name in names if name not in BESIDE]
    with ThreadPoolExecutor() as lanes:
        results = lanes.map(lambda part: run_checks(part, fix), (others, beside))
        failed = [name for result in results for name in result]
    if failed:
        sys.exit(f"Lint: {', '.join(failed)} failed, see above.")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (LintError, set_up.SetUpError, get_odoo.GetOdooError) as error:
        sys.exit(f"Lint: {error}")
