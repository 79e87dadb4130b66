"""The tuned student as other programs load it: one model in 16 bit, or a GGUF file for llama.cpp and Ollama."""
