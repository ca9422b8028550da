/** The architecture of the nano policy: a Gemma 2 small enough to learn within minutes on two cores. */

/** config.json of the nano policy for a vocabulary and the ids of its special tokens. */
export function nanoConfig(vocabSize: number, ids: { bos: number | null; eos: number; pad: number }): object {
  const headDim = 32;
  return {
    architectures: ['Gemma2ForCausalLM'],
    model_type: 'gemma2',
    vocab_size: vocabSize,
    hidden_size: 128,
    intermediate_size: 352,
    num_hidden_layers: 4,
    num_attention_heads: 4,
    num_key_value_heads: 1,
    head_dim: headDim,
    query_pre_attn_scalar: headDim,
    // A soft-cap on attention scores costs a pass over every score and changes nothing at this size.
    attn_logit_softcapping: null,
    final_logit_softcapping: 30,
    sliding_window: 128,
    layer_types: ['sliding_attention', 'full_attention', 'sliding_attention', 'full_attention'],
    max_position_embeddings: 512,
    rms_norm_eps: 1e-6,
    rope_theta: 10000,
    hidden_activation: 'gelu_pytorch_tanh',
    attention_bias: false,
    attention_dropout: 0,
    tie_word_embeddings: true,
    bos_token_id: ids.bos,
    eos_token_id: ids.eos,
    pad_token_id: ids.pad,
    torch_dtype: 'float32',
  };
}
