// The generic kernels, compiled as the kernels for AVX2, FMA and F16C.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/kernels/decode_attention.hpp"
#include "turbomind/cpu/kernels/gemm_generic.hpp"
#include "turbomind/cpu/kernels/kernel_table.hpp"
#include "turbomind/cpu/kernels/prefill_attention.hpp"
#include "turbomind/cpu/kernels/simd_avx2.hpp"

namespace turbomind {

const Kernels kAvx2Kernels = {
    .isa = Isa::avx2,
    .skinny_gemm = generic_gemm<Avx2>,
    .rms_norm = rms_norm<Avx2>,
    .rope_append = rope_append<Avx2>,
    .decode_attention = decode_attention<Avx2>,
    .merge_splits = merge_splits<Avx2>,
    .prefill_attention = prefill_attention<Avx2>,
    .swiglu = swiglu<Avx2>,
    .widen = widen<Avx2>,
    .narrow = narrow<Avx2>,
};

}  // namespace turbomind
