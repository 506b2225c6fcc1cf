#!/bin/sh
# Stands before a program that removes or moves files: it lets it touch nothing outside of the box.
name=${0##*/}
root=${BOX%/*}
refuse() {
    printf '%s: %s: this machine removes and moves only files of its own\n' "$name" "$1" >&2
    exit 1
}
case "$PWD/" in "$root"/*) ;; *) refuse "$PWD" ;; esac
for word; do
    case "$word" in
        "$root"/*..*|..|../*|*/..|*/../*) refuse "$word" ;;
        "$root"/*) ;;
        /dev/null) ;;
        /*) refuse "$word" ;;
    esac
done
for folder in /usr/bin /bin; do
    [ -x "$folder/$name" ] && exec "$folder/$name" "$@"
done
printf '%s: not found\n' "$name" >&2
exit 127
