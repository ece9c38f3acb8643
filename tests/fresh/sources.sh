# sources.sh - where the packages of a bare root come from (POSIX sh; sourced by tests/fresh and tests/dist).

# The sources of this machine's apt with another release's name in place of its own, security
# updates included, so that the packages are those a fresh machine would get.
sources() { # RELEASE
    own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    # shellcheck disable=SC2016 # apt's own format
    apt-get indextargets --format '$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' "Identifier: Packages" |
        sort -u | awk -F'|' -v own="$own" -v want="$1" '
            ($1 == "Debian" || $1 == "Ubuntu") && index($3, own) == 1 {
                sub("^" own, want, $3)
                components[$2 " " $3] = components[$2 " " $3] " " $4
            }
            END { for (s in components) print "deb " s components[s] }' | sort
}
# What this machine's apt needs to reach them.
apt_options() {
    apt-config dump | grep -E '^Acquire::(http|https|Check-Valid-Until|Check-Date|Retries|ForceIPv4)[: ]' || :
}
