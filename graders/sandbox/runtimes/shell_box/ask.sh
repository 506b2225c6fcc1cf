#!/bin/sh
# Stands for a program (pg_dump, psql, date, …): it asks the machine around the box what that would print, and prints it.
# One asks at a time: whoever holds the line from descriptor 7 may write to 9 and read the answer from 8.
name=${0##*/}
for word; do printf '%s\0' "$word"; done >"$BOX/$$.words"
case "$name $*" in
    psql*" -f"*|psql*" -c"*|psql*" --file"*|psql*" --command"*|psql*" -"[A-Za-z1]*[cf]" "*) ;;
    psql*|mail*) (ulimit -S -f 8192; cat >"$BOX/$$.in") ;;
esac
IFS= read -r turn <&7
printf '%s %s %s\n' "$$" "$name" "$PWD" >&9
read -r code said words <&8
printf '\n' >&6
case "$said" in
    words) printf '%s\n' "$words" ;;
    files) cat "$BOX/$$.err" >&2; cat "$BOX/$$.out" 2>/dev/null || code=full ;;
esac
if [ "$code" = full ]; then
    printf '%s: error: could not write: No space left on device\n' "$name" >&2
    code=1
fi
if [ "$code" = power ]; then
    printf '%s power /\n' "$$" >&9
    IFS= read -r never <&8
fi
exit "$code"
