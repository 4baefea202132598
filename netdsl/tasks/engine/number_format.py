"""The number format that feature maps are fastest in."""

import torch


def number_format(asked: str | None, place: torch.device) -> torch.dtype:
    """What is asked for, `bf16` or `fp32`; else bfloat16 where the processor multiplies it faster than float32."""
    if asked is not None:
        return torch.bfloat16 if asked == "bf16" else torch.float32
    if place.type == "cpu":
        able = torch.cpu.get_capabilities()
        return torch.bfloat16 if able.get("avx512_bf16") or able.get("amx_bf16") or able.get("bf16") else torch.float32
    fast = place.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if fast else torch.float32
