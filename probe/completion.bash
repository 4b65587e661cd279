# Completes probe's commands and options in bash. tests/packages holds the lists equal to probe --help.

_probe()
{
    local commands='live ready doctor suggest install help --help --version --licenses'
    local topics='live ready doctor suggest causes'
    local options='--timeout --wait --interval --backoff --expect-status --header --method --data --connect-to --expect-body
        --expect-json --expect-header --db --redis --no-http --db-query --db-migration --db-writable --redis-writable --env-file --allow-remote --follow
        --watch --docker-interval --docker-retries --docker-start-period --verbose --quiet --log
        --format --output'
    local words word=$2 previous=$3 i

    # What follows -- is a command of its own.
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [ "${COMP_WORDS[i]}" = -- ]; then
            mapfile -t COMPREPLY < <(compgen -A command -A file -- "$word")
            return
        fi
    done
    if [ "$COMP_CWORD" -eq 1 ]; then
        words=$commands
    elif [ "${COMP_WORDS[1]}" = help ]; then
        words=$topics
    elif [ "${COMP_WORDS[1]}" = install ]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
    else
        case $previous in
            --output | -o) words='text json' ;;
            --format) words='dockerfile compose kubernetes ecs' ;;
            --method | -X) words='GET HEAD POST' ;;
            --env-file)
                mapfile -t COMPREPLY < <(compgen -f -- "$word")
                return
                ;;
            *) words=$options ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _probe probe
