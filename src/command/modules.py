"""The stock kernel's modules: what each needs, by its own .modinfo section, and in what order they are to be
loaded.

Names have underscores, as the kernel has them. A soft dependency is a module's name or an alias of several;
none of them has to be there.
"""

import fnmatch
import os
import re
import struct
from collections import namedtuple

from elf import HEADER, SECTION
from messages import UsageError

# path: below lib/modules/RELEASE. pre, others: the soft dependencies' texts, to be loaded before, and those
# without an order or to be loaded later. aliases: patterns, as the file has them.
Module = namedtuple("Module", "name path depends pre others aliases")

FOR_PROCESSORS = "kernel/arch/"  # modules of this folder may refuse to load on one that lacks something


def name_of(text):
    return text.replace("-", "_")


class Modules:
    """Of the folder lib/modules/RELEASE."""

    def __init__(self, top):
        self.top = top
        self.files = {}
        for folder, _, names in os.walk(top):
            for name in names:
                if name.endswith(".ko"):
                    self.files[name_of(name[: -len(".ko")])] = os.path.join(folder, name)
        self.known, self.found = {}, {}  # {name: Module}, {text: names of modules}
        with open(os.path.join(top, "modules.builtin"), encoding="ascii") as file:
            self.builtin = {name_of(os.path.basename(line.strip())[: -len(".ko")]) for line in file}

    def module(self, name):
        if name not in self.known:
            self.known[name] = module_read(name, self.files[name], self.top)
        return self.known[name]

    def find(self, text):
        """Names of the modules that a name or an alias stands for. None of them: it is built in, or unknown.
        """
        name = name_of(text)
        if name in self.files:
            return [name]
        if name in self.builtin:
            return []
        if name not in self.found:
            modules = [self.module(each) for each in sorted(self.files)]
            self.found[name] = [m.name for m in modules if any(alias_matches(a, name) for a in m.aliases)]
        return self.found[name]

    def is_builtin(self, text):
        return name_of(text) in self.builtin

    def closure(self, names):
        """{name: Module} of these and all that they need or would like to have."""
        found, queue = {}, list(names)
        while queue:
            name = queue.pop()
            if name in found:
                continue
            module = found[name] = self.module(name)
            queue += self.needs(module)
            for text in module.pre + module.others:
                queue += self.find(text)
        return found

    def needs(self, module):
        for name in module.depends:
            if name not in self.files and name not in self.builtin:
                raise UsageError(f"the module {module.name} needs {name}, which is missing")
        return [name for name in module.depends if name in self.files]

    def before(self, name):
        """What is to be loaded before a module, by what it needs itself; of the soft ones, those that always
        load."""
        module = self.module(name)
        soft = [self.module(one) for text in module.pre for one in self.find(text)]
        sure = [one.name for one in soft if not one.path.startswith(FOR_PROCESSORS)]
        return list(dict.fromkeys(self.needs(module) + sure))

    def load_order(self, name):
        """All that is to be loaded before a module, each after what it needs itself."""
        order, begun = [], set()

        def visit(one):
            if one in begun:  # done, or, of soft dependencies, in a circle
                return
            begun.add(one)
            for other in self.before(one):
                visit(other)
            order.append(one)

        visit(name)
        return order[:-1]


def alias_matches(alias, name):
    alias = name_of(alias)
    fixed = re.match(r"[^*?[]*", alias).group()
    return name == alias if fixed == alias else name.startswith(fixed) and fnmatch.fnmatchcase(name, alias)


def module_read(name, path, top):
    fields = {}
    for text in modinfo(path).split(b"\0"):
        key, equals, value = text.decode("utf-8", "replace").partition("=")
        if equals:
            fields.setdefault(key.strip(), []).append(value)
    soft = {"pre:": [], "post:": []}
    for text in fields.get("softdep", []):
        target = soft["post:"]  # some have no such word
        for word in text.split():
            if word in soft:
                target = soft[word]
            else:
                target.append(word)
    depends = [name_of(one) for text in fields.get("depends", []) for one in text.split(",") if one]
    aliases = fields.get("alias", [])
    return Module(name, os.path.relpath(path, top), depends, soft["pre:"], soft["post:"], aliases)


def modinfo(path):
    """The section's bytes. Not all of the file, for there are thousands."""
    try:
        with open(path, "rb") as file:
            part = lambda at, size: os.pread(file.fileno(), size, at)
            fields = HEADER.unpack(part(0, HEADER.size))
            at, size, count, names_index = fields[6], *fields[11:14]
            rows = list(SECTION.iter_unpack(part(at, size * count)))
            names = part(*rows[names_index][4:6])
            for row in rows:
                if names.startswith(b".modinfo\0", row[0]):
                    return part(*row[4:6])
    except (OSError, struct.error, IndexError):
        pass
    raise UsageError(f"{path}: no kernel module")
