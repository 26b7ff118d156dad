#!/bin/sh
# Makes .venv with the first Python of 3.11 or later that can. A .venv that works already is kept.
fits='import sys; sys.exit(sys.version_info < (3, 11))'

if .venv/bin/python -c "import pip; $fits" 2>/dev/null; then
    exit 0
fi
seen=""
for name in python3.11 python3.12 python3.13 python3.14 python3 python; do
    path=$(command -v "$name") || continue
    version=$("$path" -c 'import platform; print(platform.python_version())' 2>/dev/null) || continue
    if ! "$path" -c "$fits"; then
        seen="$seen $name is $version, too old."
    elif ! "$path" -c "import venv, ensurepip" 2>/dev/null; then
        seen="$seen $name $version lacks its venv module (on Debian and Ubuntu: apt install python3-venv)."
    else
        echo "Making .venv with $path ($version) …"
        exec "$path" -m venv --clear .venv
    fi
done
echo "Tinglan needs Python 3.11 or later with its venv module, and found none.$seen" >&2
exit 1
