type File = { readonly path: string; readonly size: number };

const IMAGE = /\.(png|jpe?g|gif|webp|bmp|avif)$/i;
const BINARY =
  /\.(zip|gz|tgz|bz2|xz|zst|7z|tar|exe|dll|so|bin|o|a|class|jar|wasm|pdf|mp[34]|mov|mkv|wav|ogg|flac|sqlite|db|parquet|safetensors|gguf|pt|onnx|woff2?|ttf|ico)$/i;

/** Bytes of text that are shown of a file. */
export const TEXT_SHOWN = 256 * 1024;
const IMAGE_LIMIT = 20 * 1024 * 1024;

/** How a file is previewed. SVG counts as text: as a picture it could hold more than one. */
export function previewKind(file: File): 'image' | 'text' | 'none' {
  if (IMAGE.test(file.path)) return file.size <= IMAGE_LIMIT ? 'image' : 'none';
  return BINARY.test(file.path) ? 'none' : 'text';
}

export const canPreview = (file: File) => file.size > 0 && previewKind(file) !== 'none';

/** Bytes that no text has. */
export function looksBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 8192).includes(0);
}
