# Runs one server in a folder of its own and sees to the end of both. Orders come over standard input, one a line, and
# each is answered with a line. The end of the input means that whoever started this is gone, by whatever death: then
# the server is ended and the folder goes with it.
#
#   $1  the folder
#   $2  the signal that ends the server fast

folder=$1
last_signal=$2
server=
exec 2>>"$folder/server.log"

end() {
    [ -n "$server" ] || return 0
    if [ "$1" = KILL ]; then
        # PostgreSQL's processes too, as when the power fails.
        # shellcheck disable=SC2046 # a list of numbers
        kill -KILL "$server" $(cat "/proc/$server/task/$server/children")
    else
        kill "-$1" "$server"
        looks=0
        while kill -0 "$server" && [ "$looks" -lt 400 ]; do
            sleep 0.05
            looks=$((looks + 1))
        done 2>/dev/null
        kill -KILL "$server" 2>/dev/null
    fi
    wait "$server"
    server=
}

while read -r order argument; do
    case $order in
        run)
            sh "$folder/$argument" </dev/null >>"$folder/server.log" 2>&1
            echo "$?"
            ;;
        start)
            sh "$folder/start.sh" </dev/null >>"$folder/server.log" 2>&1 &
            server=$!
            echo "$server"
            ;;
        end)
            end "$argument"
            echo ended
            ;;
    esac
done

end "$last_signal"
# A PostgreSQL that was killed leaves its lock file, which names the shared memory that it could not give back.
if [ -f "$folder/data/postmaster.pid" ]; then
    ipcrm -m "$(sed -n '7s/.*[^0-9]//p' "$folder/data/postmaster.pid")"
fi
rm -rf "$folder"
