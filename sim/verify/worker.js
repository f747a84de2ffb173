/** Lets a worker thread read TypeScript, then verifies one queue in it. */
import { register } from 'tsx/esm/api';

register();
const { serveThread } = await import('../parallel/thread.ts');
const { verifyQueue } = await import('./queue.ts');
await serveThread(verifyQueue);
