"""The signs of Unicode that stand for commands of LaTeX in a terminal."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "varkappa": "ϰ", "lambda": "λ",
    "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "varrho": "ϱ", "sigma": "σ", "varsigma": "ς",
    "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "ell": "ℓ", "hbar": "ħ", "imath": "ı", "jmath": "ȷ",
}  # fmt: skip
_SIGNS = {
    "times": "×", "cdot": "·", "cdots": "⋯", "dots": "…", "ldots": "…", "vdots": "⋮", "ddots": "⋱", "pm": "±",
    "mp": "∓", "to": "→", "rightarrow": "→", "leftarrow": "←", "mapsto": "↦", "Rightarrow": "⇒",
    "Longrightarrow": "⟹", "longrightarrow": "⟶", "implies": "⟹", "iff": "⟺", "Leftrightarrow": "⇔",
    "leftrightarrow": "↔", "uparrow": "↑", "downarrow": "↓", "gets": "←",
    "le": "≤", "leq": "≤", "leqslant": "≤", "ge": "≥", "geq": "≥", "geqslant": "≥", "ne": "≠", "neq": "≠",
    "ll": "≪", "gg": "≫", "approx": "≈", "simeq": "≃", "sim": "∼", "cong": "≅", "equiv": "≡", "propto": "∝",
    "lesssim": "≲", "gtrsim": "≳", "asymp": "≍", "prec": "≺", "succ": "≻", "preceq": "⪯", "succeq": "⪰",
    "in": "∈", "notin": "∉", "ni": "∋", "subset": "⊂", "subseteq": "⊆", "supset": "⊃", "cup": "∪", "cap": "∩",
    "setminus": "∖", "emptyset": "∅", "varnothing": "∅", "forall": "∀", "exists": "∃", "neg": "¬", "land": "∧",
    "lor": "∨", "wedge": "∧", "vee": "∨", "mid": "|", "parallel": "∥", "perp": "⊥", "angle": "∠",
    "sum": "∑", "prod": "∏", "int": "∫", "oint": "∮", "iint": "∬", "partial": "∂", "nabla": "∇", "infty": "∞",
    "circ": "∘", "odot": "⊙", "otimes": "⊗", "oplus": "⊕", "star": "*", "ast": "*", "bullet": "•", "dagger": "†",
    "top": "⊤", "bot": "⊥", "prime": "′", "Re": "Re", "Im": "Im", "backslash": "\\", "colon": ":",
    "langle": "⟨", "rangle": "⟩", "lVert": "‖", "rVert": "‖", "Vert": "‖", "lvert": "|", "rvert": "|",
    "vert": "|", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "lbrace": "{", "rbrace": "}",
    "triangleq": "≜", "square": "□", "Box": "□", "checkmark": "✓", "degree": "°", "aleph": "ℵ",
}  # fmt: skip
SYMBOLS = {f"\\{name}": sign for name, sign in (_GREEK | _SIGNS).items()} | {
    r"\|": "‖", r"\{": "{", r"\}": "}", r"\%": "%", r"\_": "_", r"\#": "#", r"\&": "&", r"\$": "$",
}  # fmt: skip
_FUNCTIONS = """
log ln exp sin cos tan sinh cosh tanh arcsin arccos arctan sec csc cot max min sup inf lim limsup liminf
argmax argmin det dim ker rank tr gcd Pr deg arg
"""
# LaTeX sets these with room on both sides.
RELATIONS = frozenset("→↦⇒⟹⟶⟺⇔↔←≤≥≠≪≫≈≃∼≅≡∝≲≳≍≺≻⪯⪰∈∉∋⊂⊆⊃≜±")
FUNCTIONS = frozenset(f"\\{name}" for name in _FUNCTIONS.split())
# What places and says nothing; a space where it makes one.
LAYOUT = dict.fromkeys(
    (
        *(rf"\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")),
        *(r"\left", r"\right", r"\middle", r"\!", r"\limits", r"\nolimits", r"\displaystyle", r"\textstyle"),
        *(r"\scriptstyle", r"\mathstrut", r"\strut", r"\relax", r"\nonumber", r"\hfill", r"\notag"),
    ),
    "",
) | {r"\,": " ", r"\;": " ", r"\:": " ", r"\ ": " ", r"\quad": "  ", r"\qquad": "  ", "\\\\": "; "}
TEXTS = frozenset(
    (
        *(r"\text", r"\textrm", r"\textbf", r"\textit", r"\textsf", r"\texttt", r"\mathrm", r"\mathbf"),
        *(r"\mathit", r"\mathsf", r"\mathtt", r"\boldsymbol", r"\bm", r"\operatorname", r"\mbox", r"\mathop"),
        *(r"\underbrace", r"\overbrace", r"\boxed", r"\mathbin", r"\mathrel"),
    )
)
ACCENTS = {
    r"\hat": "̂", r"\widehat": "̂", r"\tilde": "̃", r"\widetilde": "̃", r"\bar": "̄",
    r"\overline": "̄", r"\dot": "̇", r"\ddot": "̈", r"\vec": "⃗", r"\check": "̌", r"\breve": "̆",
    r"\underline": "̲", r"\mathring": "̊",
}  # fmt: skip


def _alphabet(capitals: int, small: int = 0, **exceptions: str) -> dict[str, str]:
    """Letters of a block of mathematical alphanumerics; some stood elsewhere before the block was made."""
    letters = {letter: chr(capitals + index) for index, letter in enumerate(ascii_uppercase)}
    if small:
        letters |= {letter: chr(small + index) for index, letter in enumerate(ascii_lowercase)}
    return letters | exceptions


_SCRIPT = _alphabet(0x1D49C, B="ℬ", E="ℰ", F="ℱ", H="ℋ", I="ℐ", L="ℒ", M="ℳ", R="ℛ")
ALPHABETS = {
    r"\mathbb": _alphabet(0x1D538, C="ℂ", H="ℍ", N="ℕ", P="ℙ", Q="ℚ", R="ℝ", Z="ℤ") | {"1": "𝟙"},
    r"\mathcal": _SCRIPT,
    r"\mathscr": _SCRIPT,
    r"\mathfrak": _alphabet(0x1D504, 0x1D51E, C="ℭ", H="ℌ", I="ℑ", R="ℜ", Z="ℨ"),
}
SUPERSCRIPTS = dict(zip("0123456789+−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW", (
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ"
), strict=True)) | {"⊤": "ᵀ", "′": "′", "*": "*", "α": "ᵅ", "β": "ᵝ", "γ": "ᵞ", "δ": "ᵟ", "θ": "ᶿ", "†": "†"
}  # fmt: skip
SUBSCRIPTS = dict(zip("0123456789+−=()aehijklmnoprstuvxβγρφχ", (
    "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ"
), strict=True))  # fmt: skip
