# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of nvme-fi in fish: source this file, or have it in
# ~/.config/fish/completions. The command itself says what the word can be.
function __nvme_fi_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    $program complete -- $words (commandline -ct) 2>/dev/null
end
complete -c nvme-fi -f -a '(__nvme_fi_complete)'
