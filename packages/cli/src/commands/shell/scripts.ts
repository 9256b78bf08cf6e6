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
# Add to ~/.zshrc:  eval "$(tfckpt completion zsh)"
_tfckpt() {
  local -a found
  found=("\${(@f)$(tfckpt complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if (( \${#found[1]} )); then compadd -U -- "\${found[@]}"; else _files; fi
}
compdef _tfckpt tfckpt
`,
  fish: `# Add to ~/.config/fish/config.fish:  tfckpt completion fish | source
function __tfckpt
  set -l words (commandline -opc) (commandline -ct)
  tfckpt complete -- $words[2..-1] 2>/dev/null
end
complete -c tfckpt -a '(__tfckpt)'
`,
};
