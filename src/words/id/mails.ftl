# Isi email.

mail-hello = Halo { $name },
mail-hello-nobody = Halo,
mail-about = Email ini tentang akun di { $shop }:
mail-copy = Atau salin alamat ini: { $link }
mail-from = { $minute }, dari { $address }
mail-device-unknown = Perangkat tidak dikenal
mail-log-in = Masuk
mail-not-me = Ini bukan saya
mail-secure = Bila itu Anda, semuanya baik-baik saja. Bila bukan, amankan akun Anda dalam tiga hari. Semua perangkat akan dikeluarkan, dan Anda memilih kata sandi baru.
mail-or-link = Atau ikuti tautan ini. Keduanya berlaku selama satu hari.

mail-new-device = Masuk di perangkat baru
mail-new-device-what = Seseorang baru saja masuk ke akun Anda di perangkat yang belum pernah dipakai untuk akun ini:

mail-password-changed = Kata sandi Anda diubah
mail-password-changed-what = Kata sandi akun Anda diubah, dan semua perangkat lain dikeluarkan:

mail-email-change-proposed = Ada permintaan untuk mengubah alamat email Anda
mail-email-change-proposed-what = Seseorang yang sudah masuk ke akun Anda meminta agar akun ini memakai alamat email lain. Belum ada yang berubah:
mail-email-change-proposed-secure = Jika ini Anda, abaikan email ini. Jika bukan, segera amankan akun Anda. Tautannya berlaku 3 hari. Semua perangkat akan dikeluarkan, dan Anda memilih kata sandi baru.

mail-email-changed = Alamat email Anda diubah
mail-email-changed-what = Akun Anda sekarang memakai alamat email lain. Email tentang akun ini akan dikirim ke sana; ini yang terakhir ke alamat ini:
mail-email-changed-secure = Bila itu Anda, semuanya baik-baik saja. Bila bukan, amankan akun Anda dalam tiga hari. Semua perangkat akan dikeluarkan, alamat Anda kembali seperti semula, dan Anda memilih kata sandi baru.

mail-reset-password = Pilih kata sandi baru
mail-reset-password-what = Seseorang meminta kata sandi baru untuk akun Anda. Bila itu Anda, pilih dalam 30 menit ke depan:
mail-reset-password-else = Bila bukan Anda, kata sandi Anda tetap sama. Permintaannya datang dari:
mail-reset-password-fear = Bila Anda khawatir ada yang masuk ke akun Anda, Anda bisa mengeluarkan semua perangkat:
mail-sign-out-all = Keluarkan semua perangkat

mail-verify-email = Verifikasi alamat email Anda
mail-verify-email-what = Seseorang mendaftar di { $shop } dengan alamat ini. Bila itu Anda, ketik kode ini di tempat Anda mendaftar:
mail-verify-email-button = Verifikasi alamat saya
mail-verify-email-else = Bila bukan Anda, tidak ada yang perlu dilakukan: tanpa Anda, alamat ini tidak diverifikasi. Pendaftarannya datang dari:

mail-already-customer = Anda sudah punya akun
mail-already-customer-what = Seseorang mendaftar di { $shop } dengan alamat Anda, tetapi Anda sudah punya akun di sana. Bila itu Anda, silakan masuk:
mail-already-customer-forgot = Bila Anda lupa kata sandi, pilih yang baru dalam 30 menit ke depan:
mail-already-customer-else = Bila bukan Anda, tidak ada yang perlu dilakukan: tidak ada yang masuk ke akun Anda, dan tidak ada yang diberi tahu bahwa akun itu ada. Pendaftarannya datang dari:

mail-change-email = Pakai alamat email ini
mail-change-email-what = Anda ingin memakai alamat ini untuk akun Anda di { $shop }. Ketik kode ini di tempat Anda memintanya:
mail-change-email-else = Bila bukan Anda, tidak ada yang perlu dilakukan: tanpa Anda, alamat ini tidak dipakai. Permintaannya datang dari:

mail-address-taken = Alamat ini sudah dipakai
mail-address-taken-what = Anda ingin memakai alamat ini untuk akun Anda di { $shop }, tetapi alamat ini sudah punya akun sendiri. Masuk ke akun itu, atau pilih alamat lain:
mail-address-taken-else = Bila bukan Anda, tidak ada yang perlu dilakukan: tidak ada yang diberi tahu bahwa akun itu ada. Permintaannya datang dari:
