#!/usr/bin/env python3
"""transformers_peer.py OUT.json: Hugging Face transformers on the shape of InternLM-7B with random weights,
for figures beside ours: one prompt of 128 tokens, 128 new ones, at batches of 1 and 16.

--tiny takes a model of two small layers instead, on any device: only that the script runs.
"""
import json
import sys
import time

import torch
import transformers
from transformers import LlamaConfig, LlamaForCausalLM


def config(tiny):
    if tiny:
        return LlamaConfig(hidden_size=64, intermediate_size=96, num_hidden_layers=2,
                           num_attention_heads=4, num_key_value_heads=4, vocab_size=101)
    return LlamaConfig(hidden_size=4096, intermediate_size=11008, num_hidden_layers=32,
                       num_attention_heads=32, num_key_value_heads=32, vocab_size=103168,
                       max_position_embeddings=2048)


def measure(model, batch, prompt_tokens, new_tokens, device):
    prompt = torch.randint(3, model.config.vocab_size, (batch, prompt_tokens), device=device)
    finish = torch.cuda.synchronize if device == "cuda" else lambda: None
    seconds = []
    for _ in range(3):
        finish()
        begin = time.monotonic()
        model.generate(prompt, attention_mask=torch.ones_like(prompt), do_sample=False,
                       min_new_tokens=new_tokens, max_new_tokens=new_tokens, pad_token_id=0)
        finish()
        seconds.append(time.monotonic() - begin)
    least = min(seconds[1:])  # the first one warms up
    return {"batch": batch, "prompt_tokens": prompt_tokens, "completion_tokens": new_tokens,
            "seconds": least, "output_tokens_per_s": batch * new_tokens / least}


def main():
    tiny = "--tiny" in sys.argv
    out = [a for a in sys.argv[1:] if a != "--tiny"][0]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cpu" and not tiny:
        sys.exit("transformers_peer.py: torch sees no GPU")
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(device):
        model = LlamaForCausalLM(config(tiny)).eval()
    new_tokens = 4 if tiny else 128
    rows = []
    for batch in (1, 16):
        with torch.inference_mode():
            rows.append(measure(model, batch, 128, new_tokens, device))
        with open(out, "w", encoding="utf-8") as file:  # after each, so that a cut loses nothing
            json.dump({"torch": torch.__version__, "transformers": transformers.__version__,
                       "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
                       "rows": rows}, file, indent=2)


if __name__ == "__main__":
    main()
