"""The machine's own Debian sources, and a private apt that reads them for another architecture.

The private apt keeps its state, cache and configuration under build/; of the machine's configuration it takes
the Acquire options (proxies and the like) and nothing that runs commands. Signatures are checked as always.
"""

import glob
import os
import re
import shlex
import subprocess

import paths
from messages import UsageError, say

RELEASE = "bookworm"
SUITES = (RELEASE, RELEASE + "-updates", RELEASE + "-security", RELEASE + "/updates")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
ARCHITECTURE = "armhf"

# A Debian archive by its address: .../debian, .../debian-security, a snapshot of one, or a list of mirrors.
ARCHIVE = re.compile(r"(/debian(-security)?(/\d{8}T\d{6}Z)?/?|^mirror\+file:.*debian.*)$")


def sources_deb822(text):
    """Yields (uri, suite, options) of each Debian source in deb822 style."""
    for stanza in re.split(r"\n\s*\n", text):
        fields, last = {}, None
        for line in stanza.splitlines():
            if line.startswith("#") or not line.strip():
                continue
            if line[0].isspace() and last:
                fields[last] += " " + line.strip()
            elif ":" in line:
                name, value = line.split(":", 1)
                last = name.strip().lower()
                fields[last] = value.strip()
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in (
            "no",
            "false",
        ):
            continue
        if "main" not in fields.get("components", "").split():
            continue
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield uri, suite, fields


def sources_list(text):
    """The same of one-line style: deb [option=value ...] uri suite component..."""
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)", line)
        if match and "main" in match.group(4).split():
            fields = dict(o.split("=", 1) for o in (match.group(1) or "").split() if "=" in o)
            yield match.group(2), match.group(3), {k.lower(): v for k, v in fields.items()}


def sources_find(root="/etc/apt"):
    """The machine's Debian sources of our release: a list of (uri, suite, options). Others are passed
    over."""
    found = []
    for path in [root + "/sources.list"] + sorted(glob.glob(root + "/sources.list.d/*")):
        parse = {".sources": sources_deb822, ".list": sources_list}.get(os.path.splitext(path)[1])
        if parse and os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                found += [s for s in parse(file.read()) if source_is_debian(*s)]
    return list(dict((s[:2], s) for s in found).values())


def source_is_debian(uri, suite, fields):
    signed_by = fields.get("signed-by", "")
    return suite in SUITES and ARCHIVE.search(uri) and (not signed_by or "debian-archive" in signed_by)


class PrivateApt:
    def __init__(self):
        self.root = os.path.join(paths.FETCH, "apt")
        self.conf = os.path.join(self.root, "apt.conf")

    def prepare(self):
        sources = sources_find()
        if not sources:
            raise UsageError(
                f"this machine's apt has no Debian {RELEASE} source (component main) to fetch the guest from"
            )
        if not os.path.exists(KEYRING):
            raise UsageError(f"{KEYRING} is missing (package debian-archive-keyring)")
        for folder in ("state/lists/partial", "cache/archives/partial", "etc/empty"):
            os.makedirs(os.path.join(self.root, folder), exist_ok=True)
        self.write("state/status", "")
        self.write("etc/debian.sources", "\n".join(self.stanza(*s) for s in sources))
        self.write("apt.conf", self.configuration())

    def write(self, name, text):
        with open(os.path.join(self.root, name), "w", encoding="utf-8") as file:
            file.write(text)

    def stanza(self, uri, suite, fields):
        lines = [
            "Types: deb",
            f"URIs: {uri}",
            f"Suites: {suite}",
            "Components: main",
            f"Signed-By: {KEYRING}",
        ]
        if fields.get("check-valid-until"):  # snapshots are older than their own dates allow
            lines.append("Check-Valid-Until: " + fields["check-valid-until"])
        return "\n".join(lines) + "\n"

    def configuration(self):
        dump = subprocess.run(
            ["apt-config", "dump", "--no-empty", "--format", '%F "%v";%n'],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        acquire = [
            line
            for line in dump.splitlines()
            if line.startswith("Acquire::") and not line.startswith("Acquire::IndexTargets")
        ]
        own = {
            "Dir::State": self.root + "/state",
            "Dir::State::status": self.root + "/state/status",
            "Dir::Cache": self.root + "/cache",
            "Dir::Etc::sourcelist": self.root + "/etc/debian.sources",
            "Dir::Etc::sourceparts": self.root + "/etc/empty",
            "Dir::Etc::parts": self.root + "/etc/empty",
            "Dir::Etc::main": "/dev/null",
            "APT::Architecture": ARCHITECTURE,
            "APT::Architectures": ARCHITECTURE,
            "APT::Sandbox::User": "root",  # the sandbox's user cannot write into a checkout
            "APT::Get::List-Cleanup": "false",
            "Acquire::Languages": "none",
        }
        return "\n".join(acquire + [f'{name} "{value}";' for name, value in own.items()]) + "\n"

    def run(self, tool, *arguments, cwd=None, capture=False):
        """Progress goes to our stderr; what a capturing caller asked for is returned."""
        environment = dict(os.environ, APT_CONFIG=self.conf, LC_ALL="C.UTF-8")
        command = [tool, *arguments]
        done = subprocess.run(
            command,
            env=environment,
            cwd=cwd,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if capture else 2,
        )
        if done.returncode:
            raise UsageError(f"'{shlex.join(command)}' failed (status {done.returncode})")
        return done.stdout

    def update(self):
        """Fetch the package indexes. A mirror in the middle of its own update may lack one: go on with the
        others."""
        try:
            self.run("apt-get", "update")
        except UsageError as error:
            say(f"{error}; going on with the indexes that could be fetched")

    def dependency(self, package, prefix):
        """The newest version's dependency that starts with `prefix`: a metapackage's real package."""
        text = self.run("apt-cache", "show", "--no-all-versions", package, capture=True)
        for line in text.splitlines():
            if line.startswith("Depends:"):
                for name in re.split(r"[,|]", line[len("Depends:") :]):
                    if name.strip().startswith(prefix):
                        return name.split()[0]
        raise UsageError(f"the Debian package {package} depends on no {prefix}* package")

    def download(self, package, folder):
        """The package's file, downloaded into `folder`; its path."""
        os.makedirs(folder, exist_ok=True)
        for old in glob.glob(os.path.join(folder, package + "_*.deb")):
            os.unlink(old)
        self.run("apt-get", "download", package, cwd=folder)
        files = glob.glob(os.path.join(folder, package + "_*.deb"))
        if len(files) != 1:
            raise UsageError(f"apt-get download {package} left no package file")
        return files[0]
