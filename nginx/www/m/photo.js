// Photographs: turned upright, at most 1600 pixels, JPEG; where and with what
// it was taken does not survive that.
const LONGEST = 1600;

function load(url) {
	return new Promise((done, fail) => {
		const image = new Image();
		image.onload = () => done(image);
		image.onerror = () => fail(new Error("这张照片打不开，请换一张（JPEG或PNG格式）。"));
		image.src = url;
	});
}

// Decoded at its small size where the browser can, else by the image itself.
async function small(file, image, width, height) {
	try {
		return await createImageBitmap(file, { imageOrientation: "from-image", resizeWidth: width, resizeHeight: height, resizeQuality: "high" });
	} catch {
		return image;
	}
}

// → {bytes, width, height}
export async function shrink(file) {
	const url = URL.createObjectURL(file);
	try {
		const image = await load(url);
		const scale = Math.min(1, LONGEST / Math.max(image.naturalWidth, image.naturalHeight));
		const width = Math.max(1, Math.round(image.naturalWidth * scale));
		const height = Math.max(1, Math.round(image.naturalHeight * scale));
		const canvas = document.createElement("canvas");
		canvas.width = width;
		canvas.height = height;
		const pen = canvas.getContext("2d");
		pen.fillStyle = "#fff";
		pen.fillRect(0, 0, width, height);
		pen.imageSmoothingQuality = "high";
		const source = await small(file, image, width, height);
		pen.drawImage(source, 0, 0, width, height);
		source.close?.();
		const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", .8));
		if (!blob)
			throw new Error("这张照片处理不了，请换一张。");
		return { bytes: await blob.arrayBuffer(), width, height };
	} finally {
		URL.revokeObjectURL(url);
	}
}
