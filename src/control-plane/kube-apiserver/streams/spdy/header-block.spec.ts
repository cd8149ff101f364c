import { constants, createDeflate } from 'node:zlib';
import { HeaderPacker, HeaderUnpacker } from './header-block.js';
import { headerDictionary } from './header-dictionary.js';

describe('header blocks', () => {
  it('are unpacked as they were packed, block after block', async () => {
    const packer = new HeaderPacker();
    const unpacker = new HeaderUnpacker();
    for (let index = 0; index < 20; index++) {
      const headers = new Map([
        ['streamtype', 'data'],
        ['requestid', String(index)],
        ['long', 'x'.repeat(index * 500)],
      ]);
      expect(await unpacker.unpack(packer.pack(headers))).toEqual(headers);
    }
    unpacker.close();
  });

  it('are refused when they are broken, or grow too large', async () => {
    const broken = new HeaderUnpacker();
    await expect(broken.unpack(Buffer.from('no zlib stream'))).rejects.toThrow();
    const deflate = createDeflate({ dictionary: headerDictionary() });
    deflate.write(Buffer.alloc(10_000_000));
    const bomb = await new Promise<Buffer>((resolve) =>
      deflate.flush(constants.Z_SYNC_FLUSH, () => resolve(deflate.read() as Buffer)),
    );
    const unpacker = new HeaderUnpacker();
    await expect(unpacker.unpack(bomb)).rejects.toThrow('too large');
    unpacker.close();
  });

  it('share the dictionary of the specification', () => {
    expect(headerDictionary().byteLength).toBe(1423);
  });
});
