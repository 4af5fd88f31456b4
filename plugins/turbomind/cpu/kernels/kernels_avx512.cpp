// The generic kernels, compiled as the kernels for AVX-512.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/kernels/decode_attention.hpp"
#include "turbomind/cpu/kernels/gemm_generic.hpp"
#include "turbomind/cpu/kernels/kernel_table.hpp"
#include "turbomind/cpu/kernels/prefill_attention.hpp"
#include "turbomind/cpu/kernels/simd_avx512.hpp"

namespace turbomind {

const Kernels kAvx512Kernels = {
    .isa = Isa::avx512,
    .skinny_gemm = generic_gemm<Avx512>,
    .rms_norm = rms_norm<Avx512>,
    .rope_append = rope_append<Avx512>,
    .decode_attention = decode_attention<Avx512>,
    .merge_splits = merge_splits<Avx512>,
    .prefill_attention = prefill_attention<Avx512>,
    .swiglu = swiglu<Avx512>,
    .widen = widen<Avx512>,
    .narrow = narrow<Avx512>,
};

}  // namespace turbomind
