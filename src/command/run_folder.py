"""build/run/PID: what a run of the command needs for as long as it lasts. It goes with the command, by a
signal too; those of commands that were killed go with the next one."""

import os
import shutil
import tempfile

import ending
import paths

PATH = os.path.join(paths.RUN, str(os.getpid()))


def run_folder():
    """The folder, made when it is first asked for."""
    if run_folder_remove not in ending.undo:
        ending.undo.append(run_folder_remove)
        run_folders_clean()
        os.makedirs(PATH, exist_ok=True)
    return PATH


def run_folders_clean():
    if os.path.isdir(paths.RUN):
        for name in os.listdir(paths.RUN):
            if not os.path.exists("/proc/" + name):
                shutil.rmtree(os.path.join(paths.RUN, name), ignore_errors=True)
    shutil.rmtree(PATH, ignore_errors=True)  # of an earlier process of our number


def run_folder_remove():
    shutil.rmtree(PATH, ignore_errors=True)


class ScratchFolder(tempfile.TemporaryDirectory):
    """A folder of its own in it, for a `with`: .name, and .write()."""

    def __init__(self):
        super().__init__(dir=run_folder())

    def __enter__(self):
        return self

    def write(self, name, data):
        path = os.path.join(self.name, name)
        with open(path, "wb") as file:
            file.write(data)
        return path
