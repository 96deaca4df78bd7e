"""Packages for derivgen: built as a wheel and installed into a folder, without a network."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile


def install(files: Mapping[str, str], folder: Path, *, by_pip: bool = False) -> Path:
    """Install the project whose files are given by name; the folder to be put on the path of Python.

    ``pip`` does no more with such a wheel than to unpack it, but takes its time.
    """
    about = tomllib.loads(files["pyproject.toml"])
    project, modules = about["project"], about["tool"]["setuptools"]["py-modules"]
    stem = f"{re.sub('[-_.]+', '_', project['name'])}-{project['version']}"
    wheel = folder / f"{stem}-py3-none-any.whl"
    points = project["entry-points"]["derivgen"]
    inside = {f"{name}.py": files[f"{name}.py"] for name in modules} | {
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{stem}.dist-info/entry_points.txt": "[derivgen]\n" + "".join(f"{k} = {v}\n" for k, v in points.items()),
    }
    inside[f"{stem}.dist-info/RECORD"] = "".join(f"{name},,\n" for name in (*inside, f"{stem}.dist-info/RECORD"))
    with ZipFile(wheel, "w") as archive:
        for name, text in inside.items():
            archive.writestr(name, text)
    target = folder / "installed"
    if not by_pip:
        with ZipFile(wheel) as archive:
            archive.extractall(target)
        return target
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--target", str(target), str(wheel)], check=True)
    return target
