// The generic kernels, compiled as the portable kernels.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/kernels/decode_attention.hpp"
#include "turbomind/cpu/kernels/gemm_generic.hpp"
#include "turbomind/cpu/kernels/kernel_table.hpp"
#include "turbomind/cpu/kernels/prefill_attention.hpp"
#include "turbomind/cpu/kernels/simd_portable.hpp"

namespace turbomind {

const Kernels kPortableKernels = {
    .isa = Isa::portable,
    .skinny_gemm = generic_gemm<Portable>,
    .rms_norm = rms_norm<Portable>,
    .rope_append = rope_append<Portable>,
    .decode_attention = decode_attention<Portable>,
    .merge_splits = merge_splits<Portable>,
    .prefill_attention = prefill_attention<Portable>,
    .swiglu = swiglu<Portable>,
    .widen = widen<Portable>,
    .narrow = narrow<Portable>,
};

}  // namespace turbomind
