# bash completion of mvpdash, printed by `mvpdash help --completion bash`
_mvpdash_files() {
    local IFS=$'\n'
    COMPREPLY=($(compgen -f -- "$1"))
    compopt -o filenames 2>/dev/null
}
_mvpdash_names() {
    local name
    while IFS= read -r name; do
        [[ $name != "$1"* ]] || COMPREPLY+=("$(printf %q "$name")")
    done < <(command "${COMP_WORDS[0]}" config --complete "$2" "${place[@]}" 2>/dev/null)
}
_mvpdash() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local cmd='' given=0 i at
    local -a opts cmds place
    COMPREPLY=()
    if [[ $cur == = ]]; then
        cur=''
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        at=$i
        case ${COMP_WORDS[i]} in
        --context|--region|--profile|--endpoint-url|--env-file|--table|--bus|--queue|--timeout|--theme) [[ ${COMP_WORDS[++i]} != = ]] || ((++i)) ;;
        -*|=) ;;
        *) if [[ -n $cmd ]]; then ((++given)); else cmd=${COMP_WORDS[i]}; fi ;;
        esac
        case ${COMP_WORDS[at]} in
        --env-file|--context|--region|--profile|--endpoint-url|--table|--bus) ((i >= COMP_CWORD)) || place+=("${COMP_WORDS[at]}=${COMP_WORDS[i]}") ;;
        esac
    done
    case $cmd:$prev in
    :--theme) COMPREPLY=($(compgen -W 'default light high-contrast colour-blind mono' -- "$cur")); return ;;
    send:--user-id) return ;;
    send:--product-id) return ;;
    send:--business-name) return ;;
    send:--email) return ;;
    send:--priority) COMPREPLY=($(compgen -W 'high normal low' -- "$cur")); return ;;
    send:--features) return ;;
    send:--estimated-duration) return ;;
    send:--metadata) return ;;
    send:--job-id) return ;;
    list:--user) return ;;
    list:--status) COMPREPLY=($(compgen -W 'pending queued in_progress stopping completed failed cancelled' -- "$cur")); return ;;
    list:--since) return ;;
    list:--limit) return ;;
    status:--child) return ;;
    cancel:--reason) return ;;
    retry:--user-id) return ;;
    retry:--product-id) return ;;
    logs:--grep) return ;;
    logs:--status) COMPREPLY=($(compgen -W 'pending queued in_progress stopping completed failed cancelled' -- "$cur")); return ;;
    logs:--user) return ;;
    logs:--limit) return ;;
    logs:--max-time) return ;;
    logs:--since) return ;;
    logs:--attempt) return ;;
    logs:--child) return ;;
    jobs:--state) COMPREPLY=($(compgen -W 'SUBMITTED PENDING RUNNABLE STARTING RUNNING SUCCEEDED FAILED' -- "$cur")); return ;;
    jobs:--limit) return ;;
    stats:--since) return ;;
    stats:--until) return ;;
    stats:--by) COMPREPLY=($(compgen -W 'day user product priority step context' -- "$cur")); return ;;
    bus:--event) return ;;
    dlq:--limit) return ;;
    event:--source) return ;;
    event:--detail-type) return ;;
    event:--detail) return ;;
    event:--resource) return ;;
    report:--job-id) _mvpdash_names "$cur" jobs; return ;;
    report:--status) COMPREPLY=($(compgen -W 'pending queued in_progress stopping completed failed cancelled' -- "$cur")); return ;;
    report:--step) return ;;
    report:--progress) return ;;
    report:--url) return ;;
    report:--error) return ;;
    report:--reason) return ;;
    report:--token) return ;;
    doctor:--job) _mvpdash_names "$cur" jobs; return ;;
    doctor:--only) return ;;
    serve:--listen) return ;;
    serve:--token-file) _mvpdash_files "$cur"; return ;;
    serve:--tls-cert) _mvpdash_files "$cur"; return ;;
    serve:--tls-key) _mvpdash_files "$cur"; return ;;
    serve:--access-log) _mvpdash_files "$cur"; return ;;
    serve:--rate) return ;;
    serve:--max-connections) return ;;
    serve:--max-per-address) return ;;
    serve:--trusted-proxy) return ;;
    serve:--state) COMPREPLY=($(compgen -W 'files table' -- "$cur")); return ;;
    serve:--cors) return ;;
    local:--listen) return ;;
    local:--data) _mvpdash_files "$cur"; return ;;
    local:--container) return ;;
    help:--completion) COMPREPLY=($(compgen -W 'bash zsh' -- "$cur")); return ;;
    *:--context) _mvpdash_names "$cur" contexts; return ;;
    *:--region) COMPREPLY=($(compgen -W 'us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 ap-south-1 ap-southeast-1 ap-southeast-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-east-1 me-central-1 me-south-1 il-central-1 af-south-1' -- "$cur")); return ;;
    *:--profile) _mvpdash_names "$cur" profiles; return ;;
    *:--endpoint-url) return ;;
    *:--env-file) _mvpdash_files "$cur"; return ;;
    *:--table) return ;;
    *:--bus) return ;;
    *:--queue) return ;;
    *:--timeout) return ;;
    esac
    case $cmd in
    '') opts=( --mouse --ascii --no-color --theme ) ;;
    send) opts=( --user-id --product-id --business-name --email --priority --features --estimated-duration --metadata --job-id --wait --alert ) ;;
    batch) opts=( --dry-run --resume --again --yes ) ;;
    list) opts=( --user --status --since --limit --all-contexts ) ;;
    status) opts=( --watch --alert --record --child ) ;;
    cancel) opts=( --reason --wait ) ;;
    retry) opts=( --user-id --product-id ) ;;
    logs) opts=( --follow --grep --filter --status --user --limit --max-time --all-contexts --rule --stream --since --attempt --child --timestamps ) ;;
    jobs) opts=( --state --limit ) ;;
    stats) opts=( --since --until --by --all-contexts --csv --ascii ) ;;
    bus) opts=( --event ) ;;
    dlq) opts=( --all --dry-run --yes --limit ) ;;
    outbox) opts=( --all --yes ) ;;
    event) opts=( --source --detail-type --detail --resource ) ;;
    report) opts=( --job-id --status --step --progress --url --error --reason --token ) ;;
    test) opts=( ) ;;
    doctor) opts=( --job --only --e2e ) ;;
    config) opts=( --trust --untrust --contexts ) ;;
    iam) opts=( --viewer --operator --api ) ;;
    serve) opts=( --listen --token-file --tls-cert --tls-key --access-log --rate --max-connections --max-per-address --trusted-proxy --state --drain-outbox --cors ) ;;
    local) opts=( --listen --data --container ) ;;
    help) opts=( --completion --example --man ) ;;
    esac
    opts+=( --json --local --context --region --profile --endpoint-url --insecure-endpoint --env-file --table --bus --queue --timeout --read-only --debug --version --verbose --help )
    cmds=( send batch list status cancel retry logs jobs stats bus dlq outbox event report test doctor config iam serve local help )
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "${opts[*]}" -- "$cur"))
        return
    fi
    case $cmd:$given in
    :0|help:0) COMPREPLY=($(compgen -W "${cmds[*]}" -- "$cur")) ;;
    batch:0) _mvpdash_files "$cur" ;;
    status:0) _mvpdash_names "$cur" jobs ;;
    cancel:*) _mvpdash_names "$cur" jobs ;;
    retry:*) _mvpdash_names "$cur" jobs ;;
    logs:0) _mvpdash_names "$cur" jobs ;;
    dlq:0) COMPREPLY=($(compgen -W 'list redrive purge' -- "$cur")) ;;
    outbox:0) COMPREPLY=($(compgen -W 'list send drop' -- "$cur")) ;;
    esac
}
complete -F _mvpdash mvpdash
