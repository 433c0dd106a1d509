# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of nvme-fi in bash: source this file. The command itself says
# what the word can be.
_nvme_fi()
{
    local line=${COMP_LINE:0:COMP_POINT} rest word i head text
    local -a words=() found=()

    # bash has cut the words at '=' and ':'
    for ((i = 0; i <= COMP_CWORD; i++)); do
        rest=${line#"${line%%[![:space:]]*}"}
        word=${COMP_WORDS[i]}
        ((i < COMP_CWORD)) || word=$rest
        if ((i)) && [[ $rest == "$line" ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
        line=${rest#"$word"}
    done
    mapfile -t found < <("${words[0]/#\~\//$HOME/}" complete -- \
        "${words[@]:1}" 2>/dev/null)
    head=${words[-1]%"${words[-1]##*[=:]}"}
    COMPREPLY=()
    for text in "${found[@]}"; do
        text=${text%%$'\t'*}
        COMPREPLY+=("${text#"$head"}")
    done
    # a value, a name or a further member of a rule goes on
    if ((${#found[@]})) && [[ $text == *[=/] || $text == [!-]*=* ]]; then
        compopt -o nospace 2>/dev/null
    fi
    return 0
}
complete -F _nvme_fi nvme-fi
