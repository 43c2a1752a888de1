"""Put an Odoo 19 Community tree where the project finds it.

The first of these that works: ``ODOO_HOME``, Debian's package
``odoo-19`` unpacked below ``.odoo/`` (nothing is installed on the system), and a
shallow clone of the public source. Runs on the system's Python, before the
virtual environment exists: standard library only.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ODOO_DIR = ROOT / ".odoo"
# Addons that only glue addons need, installed from PyPI for the tests.
OTHER_ADDONS = ODOO_DIR / "other_addons"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# The font set that Odoo's style sheets are written for; sid carries a newer one.
FROM_OWN_SUITE = {"fonts-font-awesome"}
# Files that Odoo's bundles name and that Debian leaves out for their licence.
LEFT_OUT_ASSETS = ("mail/static/lib/selfie_segmentation/selfie_segmentation.js",)
CLONE_URL = "https://github.com/odoo/odoo.git"


class GetOdooError(Exception):
    """The tree could not be obtained; the message says what to do."""


def find_odoo():
    """Return the folder that holds the ``odoo`` package, or None."""
    candidates = [
        ODOO_DIR / "debian" / "usr" / "lib" / "python3" / "dist-packages",
        ODOO_DIR / "source",
    ]
    if os.environ.get("ODOO_HOME"):
        home = Path(os.environ["ODOO_HOME"]).expanduser().resolve()
        candidates = [home, home / "usr" / "lib" / "python3" / "dist-packages"]
    return next((path for path in candidates if is_complete(path)), None)


def is_complete(path):
    """An interrupted set-up leaves no mark, so that the next one starts again."""
    if not (path / "odoo" / "release.py").is_file():
        return False
    return ODOO_DIR not in path.parents or (ODOO_DIR / "complete").is_file()


def addons_folders(odoo_path):
    """Return the folders of addons of others: stock, and those got for the tests."""
    folders = [odoo_path / "odoo" / "addons", odoo_path / "addons"]
    folders.append(OTHER_ADDONS / "odoo" / "addons")
    return [folder for folder in folders if folder.is_dir()]


def get_odoo():
    """Return the folder that holds the ``odoo`` package, fetching it if need be."""
    found = find_odoo()
    if found:
        return found
    if os.environ.get("ODOO_HOME"):
        raise GetOdooError(
            f"ODOO_HOME={os.environ['ODOO_HOME']} holds no Odoo: point it to a folder "
            "that contains odoo/release.py, or unset it to download Odoo."
        )
    ODOO_DIR.mkdir(exist_ok=True)
    print(f"Getting Odoo 19 into {ODOO_DIR} ...", file=sys.stderr, flush=True)
    try:
        unpack_debian()
    except GetOdooError as error:
        print(f"Not from Debian ({error})\nCloning the source ...", file=sys.stderr)
        clone_source()
    (ODOO_DIR / "complete").touch()
    found = find_odoo()
    if not found:
        raise GetOdooError(
            "The download holds no odoo/release.py: run 'make clean' and try again."
        )
    return found


def clone_source():
    target = ODOO_DIR / "source"
    # A half-made Debian tree would be found first.
    for folder in (target, ODOO_DIR / "debian"):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        run(["git", "clone", "-q", "--depth=1", "-b", "19.0", CLONE_URL, str(target)])
    except GetOdooError as error:
        raise GetOdooError(
            f"{error}\nOr set ODOO_HOME to a folder that holds an Odoo 19 tree."
        ) from error


def unpack_debian():
    if not (shutil.which("apt-get") and KEYRING.is_file()):
        raise GetOdooError("this system has no apt with Debian's keys")
    codename = own_codename()
    environment = write_apt_configuration(codename)
    run(["apt-get", "-q", "update"], env=environment)
    packages = [
        f"{name}/{codename}" if name in FROM_OWN_SUITE else name
        for name in ["odoo-19", *linked_packages(environment)]
    ]
    download = ODOO_DIR / "packages"
    shutil.rmtree(download, ignore_errors=True)
    download.mkdir()
    # apt verifies the signature of the list and the SHA-256 of each package.
    run(["apt-get", "-q", "download", *packages], env=environment, cwd=download)
    target = ODOO_DIR / "debian"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for package in sorted(download.glob("*.deb")):
        run(["dpkg", "-x", str(package), str(target)])
    shutil.rmtree(download)
    complete_assets(target / "usr" / "lib" / "python3" / "dist-packages")


def own_codename():
    for line in Path("/etc/os-release").read_text().splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.partition("=")[2].strip('"')
    raise GetOdooError("/etc/os-release names no suite")


def write_apt_configuration(codename):
    """Give apt lists and a cache of our own; return the environment that uses them."""
    apt_dir = ODOO_DIR / "apt"
    for folder in ("lists/partial", "cache/archives/partial"):
        (apt_dir / folder).mkdir(parents=True, exist_ok=True)
    mirror = mirror_of(codename)
    (apt_dir / "sources.list").write_text(
        "".join(
            f"deb [signed-by={KEYRING}] {mirror} {suite} main\n"
            for suite in ("sid", codename)
        )
    )
    configuration = apt_dir / "apt.conf"
    configuration.write_text(
        f'Dir::State::Lists "{apt_dir}/lists";\n'
        f'Dir::Cache "{apt_dir}/cache";\n'
        f'Dir::Etc::SourceList "{apt_dir}/sources.list";\n'
        'Dir::Etc::SourceParts "-";\n'
        'Acquire::Languages "none";\n'
        'Acquire::Retries "3";\n'
        'APT::Sandbox::User "";\n'
    )
    return {**os.environ, "APT_CONFIG": str(configuration)}


def mirror_of(codename):
    """Return the address from which this machine gets its own suite."""
    targets = run(
        ["apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)"],
        capture=True,
    )
    for line in targets.splitlines():
        match line.split():
            case [release, "main", address] if release in (codename, "stable"):
                return address
    raise GetOdooError(f"apt has no source for the suite {codename}")


def linked_packages(environment):
    """Return the font and script packages into which Odoo's tree links."""
    dependencies = run(
        ["apt-cache", "depends", "--no-recommends", "--no-suggests", "odoo-19"],
        env=environment,
        capture=True,
    )
    lines = [line for line in dependencies.splitlines() if "Depends:" in line]
    names = {line.split()[-1] for line in lines}
    return sorted(
        name for name in names if name.startswith(("fonts-", "libjs-", "gsfonts"))
    )


def complete_assets(odoo_path):
    for asset in LEFT_OUT_ASSETS:
        path = odoo_path / "odoo" / "addons" / asset
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("// Left out by Debian; the feature it serves is off.\n")


def run(command, *, capture=False, **options):
    """Run ``command``; on failure say which one and what it printed."""
    options.setdefault("env", os.environ)
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        output = (done.stderr or done.stdout)[-2000:]
        raise GetOdooError(f"'{' '.join(command[:3])} ...' failed:\n{output}")
    return done.stdout if capture else None


if __name__ == "__main__":
    try:
        print(get_odoo())
    except GetOdooError as error:
        sys.exit(f"Odoo: {error}")
