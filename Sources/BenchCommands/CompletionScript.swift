/// What bash needs beyond the script that the argument parser makes.
///
/// Bash ends a word at `@`, `:` and `=`, of which `power@leaf:EADD` and `--driver=6.1` are full, and the parser's script does not know of
/// it: it would take `EADD` for a word of its own. The function below puts the pieces together again, asks the parser's script, and gives
/// back only what stands behind the piece that bash replaces. zsh and fish keep such words whole.
enum CompletionScript {
  /// The script for a shell as `words` ask for it, with the rest behind it where that is bash; nil where they ask for something else.
  static func complete(_ script: String, for words: [String]) -> String? {
    guard words.first == "--generate-completion-script" else { return nil }
    guard words.count > 1 ? words[1] == "bash" : script.hasPrefix("#!/bin/bash") else { return script }
    return (script.hasSuffix("\n") ? script : script + "\n") + wholeWords
  }

  private static let wholeWords = #"""

    # Bash ends words at @, : and =; here they are parts of words.
    __sgxbench_whole_words() {
        local -a whole=()
        local -i index place=0
        local rest="${COMP_LINE:0:COMP_POINT}" piece blank before=''
        for ((index = 0; index <= COMP_CWORD; index++)); do
            piece="${COMP_WORDS[index]}"
            blank="${rest%%[![:space:]]*}"
            rest="${rest#"${blank}"}"
            if [[ ${index} -gt 0 && -z "${blank}" && ( "${piece}" =~ ^[@:=]+$ || "${before}" =~ ^[@:=]+$ ) ]]; then
                whole[place]+="${piece}"
            else
                ((index == 0)) || place+=1
                whole[place]="${piece}"
            fi
            rest="${rest#"${piece}"}"
            before="${piece}"
        done

        # What bash leaves alone: everything up to the last of the marks that it ends words at. An @ goes with what is behind it.
        local word="${whole[place]}" kept='' mark
        for mark in @ : =; do
            if [[ "${COMP_WORDBREAKS}" == *"${mark}"* && "${word}" == *"${mark}"* ]]; then
                piece="${word%"${mark}"*}"
                [[ "${mark}" == @ ]] || piece+="${mark}"
                ((${#piece} <= ${#kept})) || kept="${piece}"
            fi
        done

        # --name=value is an option and its value.
        if [[ "${word}" == --*=* ]]; then
            whole[place]="${word%%=*}"
            place+=1
            whole[place]="${word#*=}"
            kept="${kept#"${word%%=*}="}"
        fi

        local -a COMP_WORDS=("${whole[@]}")
        local -i COMP_CWORD=place
        _sgxbench "${1}" "${whole[place]}" "${whole[place - 1]}"
        ((${#COMPREPLY[@]} > 0)) || return 0
        if [[ "${COMPREPLY[*]}" == *@* ]]; then
            # No names of files, which get backslashes. More may stand behind: power@leaf:EADD,nth=3.
            compopt +o filenames -o nospace 2>/dev/null
        fi
        COMPREPLY=("${COMPREPLY[@]#"${kept}"}")
    }

    complete -o filenames -F __sgxbench_whole_words sgxbench

    """#
}
