/** Shells with completion. */
export type Shell = "bash" | "zsh" | "fish";

/**
 * Scripts that let a shell complete commands, options and names of tensors: they ask `tfckpt complete` for words, and the shell
 * for files where there are none.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# Add to ~/.bashrc:  eval "$(tfckpt completion bash)"
_tfckpt() {
  local IFS=$'\\n' line
  COMPREPLY=()
  # Names come from files, so they are quoted before they reach the command line.
  while read -r line; do printf -v line %q "$line"; COMPREPLY+=("$line"); done < <(
    tfckpt complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null
  )
}
complete -o default -o bashdefault -F _tfckpt tfckpt
`,
  zsh: `#compdef tfckpt
# Add to ~/.zshrc, behind compinit:  eval "$(tfckpt completion zsh)"
_tfckpt() {
  local -a typed found
  # Without the quotes of the command line. A quote that is open is not in PREFIX.
  typed=("\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}")
  found=("\${(@f)$(tfckpt complete -- "\${(@)typed}" 2>/dev/null)}")
  if (( \${#found[1]} )); then compadd -- "\${(@)found}"; else _files; fi
}
# As a file on the path of functions, it is called to complete; otherwise it is evaluated.
if [[ "\${funcstack[1]}" == _tfckpt ]]; then _tfckpt "$@"; else compdef _tfckpt tfckpt; fi
`,
  fish: `# Add to ~/.config/fish/config.fish:  tfckpt completion fish | source
function __tfckpt
  # Without a quote that is open.
  set -l typed (commandline -opc) (commandline -ct | string replace -r '^[\\'"]' '')
  set -l found (tfckpt complete -- $typed[2..-1] 2>/dev/null)
  if set -q found[1]
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c tfckpt -f -a '(__tfckpt)'
`,
};
