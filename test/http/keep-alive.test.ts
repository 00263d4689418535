import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { WebSocket } from "ws";
import { keepAlive } from "../../src/http/keep-alive.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** @param bufferedAmount bytes that the client has not taken. */
function socketWith(bufferedAmount: number) {
  const socket = Object.assign(new EventEmitter(), {
    bufferedAmount,
    ping: vi.fn(),
    close: vi.fn(),
    terminate: vi.fn(),
  });
  const stop = keepAlive(socket as unknown as WebSocket);
  return { socket, stop };
}

test("a client that does not take what it is sent is told why it is let go", async () => {
  const { socket } = socketWith(70_000);
  await vi.advanceTimersByTimeAsync(25_000);
  expect(socket.close).toHaveBeenCalledWith(1013, "Too slow: subscribe again");
  expect(socket.terminate).not.toHaveBeenCalled();
});

test("a client that says nothing, and has been sent all, is gone", async () => {
  const { socket } = socketWith(0);
  await vi.advanceTimersByTimeAsync(25_000);
  expect(socket.terminate).toHaveBeenCalledOnce();
  expect(socket.close).not.toHaveBeenCalled();
});

test("a client that answers is kept, however much waits for it", async () => {
  const { socket, stop } = socketWith(70_000);
  socket.ping.mockImplementation(() => socket.emit("pong"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(socket.close).not.toHaveBeenCalled();
  stop();
  expect(vi.getTimerCount()).toBe(0);
});
