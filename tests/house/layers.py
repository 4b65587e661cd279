"""What includes what, and what calls what: read from the sources and from their objects.

A graph is a dictionary: a path, and the set of paths that it leads to. Paths are relative to probe/, include/ or the
folder of the objects, so that the folder they begin with is their layer.
"""
import re
import subprocess

LAYERS = ["base", "config", "machine", "checks", "run", "report"]  # from the bottom; above them main and the modes
TOP = len(LAYERS)
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
# "    12: 0000000000000000    31 FUNC    GLOBAL DEFAULT    5 text_add"
SYMBOL = re.compile(r"^ *\d+: \S+ +\S+ +\S+ +(?:GLOBAL|WEAK) +\S+ +(\S+) (\S+)$", re.MULTILINE)


def layer(path):
    """Its number, from the bottom."""
    folder = path.split("/")[0]
    return LAYERS.index(folder) if folder in LAYERS else TOP


def read_includes(repository):
    """Of every source and header what it includes of our own."""
    headers, sources = repository / "include", repository / "probe"
    paths = {path.relative_to(headers).as_posix(): path for path in headers.rglob("*.h")}
    for path in sources.rglob("*.c"):
        name = path.relative_to(sources).as_posix()
        if not name.startswith("deps/"):
            paths[name] = path
    return {name: set(INCLUDE.findall(path.read_text())) & set(paths) for name, path in paths.items()}


def read_symbols(path):
    """Those that an object defines, and those that it refers to."""
    out = subprocess.run(["readelf", "-sW", path], check=True, text=True, capture_output=True).stdout
    found = SYMBOL.findall(out)
    return {name for section, name in found if section != "UND"}, {name for section, name in found if section == "UND"}


def read_calls(repository, objects):
    """Of every source, by its object, those whose functions or variables it refers to."""
    paths = {path.relative_to(objects).as_posix().removesuffix(".o"): path for path in objects.rglob("*.o")}
    there = {name: path for name, path in paths.items() if (repository / "probe" / name).exists()}  # else of an old build
    symbols = {name: read_symbols(path) for name, path in there.items()}
    owners = {name: path for path, (defined, _) in symbols.items() for name in defined}
    return {path: {owners[name] for name in used if name in owners} for path, (_, used) in symbols.items()}


def upward(graph):
    """Every "a -> b" that leads to a higher layer."""
    return sorted(f"{a} -> {b}" for a, targets in graph.items() for b in targets if layer(b) > layer(a))


def circle(graph):
    """The paths of one circle, the first of them again at the end; [] when there is none."""
    done = set()

    def search(path, way):
        if path in way:
            return [*way[way.index(path):], path]
        if path in done:
            return []
        for target in sorted(graph.get(path, ())):
            found = search(target, [*way, path])
            if found:
                return found
        done.add(path)
        return []

    return next(filter(None, (search(path, []) for path in sorted(graph))), [])
