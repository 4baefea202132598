"""What a piece of a net sees while it is laid out: variables, tags, defaults, and how its nodes are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from keyword import kwlist
from typing import Any

from netdsl.ir.network import Tag
from netdsl.passes.environment import Environment

# Attributes of torch modules: a node of that name could not be a submodule.
_TORCH_NAMES = """
training forward train eval code graph call_super_init dump_patches add_module apply bfloat16 buffers children compile
cpu cuda double extra_repr float get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict
modules mtia named_buffers named_children named_modules named_parameters parameters register_backward_hook
register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook
register_full_backward_pre_hook register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module
register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state
set_submodule share_memory state_dict to to_empty type xpu zero_grad add_submodule delete_all_unused_submodules
delete_submodule print_readable recompile to_folder meta nested_str
"""
RESERVED = frozenset([*_TORCH_NAMES.split(), *kwlist])  # and Python's own words, which no attribute can be


@dataclass(slots=True)
class Naming:
    """Names among siblings: `conv1`, `conv2`; what is inside `unit1` starts with `unit1.`."""

    prefix: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def number(self, word: str) -> str:
        """The next name of this word, without the prefix."""
        while True:
            self.counts[word] = count = self.counts.get(word, 0) + 1
            name = f"{word}{count}"
            if name not in self.taken:
                self.taken.add(name)
                return name

    def take(self, tag: str) -> bool:
        """Reserve a tag's name; False when a sibling has it."""
        if tag in self.taken or tag in RESERVED or tag.startswith("_"):
            return False
        self.taken.add(tag)
        return True

    def inside(self, name: str) -> Naming:
        return Naming(f"{self.prefix}{name}.")


@dataclass(slots=True)
class Scope:
    """One body while it is laid out. `let` and `default` hold to the end of their braces, tags to the body's end."""

    env: Environment
    naming: Naming
    tags: dict[str, Tag]
    defaults: Mapping[type, Mapping[str, Any]]
    version: int = 0
    """Tells one set of defaults from another."""
    is_net: bool = False

    def braces(self, naming: Naming | None = None) -> Scope:
        """The same body inside further braces."""
        env = self.env
        inner = Environment(
            dict(env.variables), env.names, env.here, env.tag, origins=dict(env.origins), sizes_read=env.sizes_read
        )
        return Scope(inner, naming or self.naming, self.tags, self.defaults, self.version)
