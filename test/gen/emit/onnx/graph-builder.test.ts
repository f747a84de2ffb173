import { expect, test } from 'vitest';
import { GraphBuilder } from '../../../../gen/emit/onnx/graph-builder.ts';

/** The graph of the test below, as Python's onnx 1.23.2 (`onnx.helper`) writes it. */
const WRITTEN_BY_ONNX =
  '0808120966697265666f7267653af7010a240a05696d6167651204776964651a04776964652204436173742a090a02746f1806a001020a3d' +
  '0a04776964650a06616d6f756e7412056d6f7665641a056d6f766564220842697453686966742a150a09646972656374696f6e220552494748' +
  '54a001030a310a056d6f76656412066c6f676974731a066c6f6769747322095472616e73706f73652a0d0a047065726d40014000a001071204' +
  '74696e792a16080210064206616d6f756e744a080100000002010000520c7768617420697420646f65735a170a05696d616765120e0a0c0802' +
  '12080a0208010a02080262180a066c6f67697473120e0a0c080612080a0208020a02080142040a00101172120a0b6c6f6769745f7363616c65' +
  '1203302e35';

test('a small graph has the bytes that the onnx package gives it', () => {
  const graph = new GraphBuilder();
  const wide = graph.cast('wide', graph.input('image', 'uint8', [1, 2]), 'int32');
  const amount = graph.initializer('amount', 'int32', [2], Int32Array.of(1, 258));
  const moved = graph.node('BitShift', 'moved', [wide, amount], { direction: 'RIGHT' });
  graph.node('Transpose', 'logits', [moved], { perm: [1, 0] });
  graph.output('logits', 'int32', [2, 1]);
  const bytes = graph.encode('tiny', 'what it does', { logit_scale: '0.5' });
  expect(Buffer.from(bytes).toString('hex')).toBe(WRITTEN_BY_ONNX);
});
